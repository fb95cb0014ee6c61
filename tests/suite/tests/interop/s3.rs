//! An in-process S3 server, and the implementation of the transfer traits for it. Presigned URLs are signed here.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use hyper_util::rt::TokioIo;
use mft_common::provider::{Auth, Pipeline, ServiceInfo, Settings};
use mft_common::transfer::{
    DownloadService, FileMetadata, PartEncoding, PartLimits, PartTarget, PresignedUrl, UploadService, UploadSession,
};
use mft_common::transport::{Body, Request, ReqwestTransport, Transport};
use mft_common::{Error, Result};
use rusty_s3::actions::CreateMultipartUpload;
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};

const MIB: u64 = 1 << 20;
const LIFE: Duration = Duration::from_secs(600);

/// The server, and the pipeline of a client.
pub(crate) struct Store {
    pub(crate) pipeline: Pipeline,
    /// How many of the next presigned URLs of part 2 are already expired.
    pub(crate) expired_urls: Arc<AtomicUsize>,
    api: Api,
    folder: tempfile::TempDir,
}

/// API calls other than the transfers.
#[derive(Clone)]
struct Api {
    bucket: Arc<Bucket>,
    credentials: Arc<Credentials>,
    transport: ReqwestTransport,
    expired_urls: Arc<AtomicUsize>,
}

impl Store {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("store/bucket")).unwrap();
        let files = s3s_fs::FileSystem::new(folder.path().join("store")).unwrap();
        let mut service = s3s::service::S3ServiceBuilder::new(files);
        service.set_auth(s3s::auth::SimpleAuth::from_single("key", "mrk-storage-secret"));
        let service = service.build();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let http = hyper::server::conn::http1::Builder::new();
                    let _ = http.serve_connection(TokioIo::new(socket), service).await;
                });
            }
        });
        let service_info =
            ServiceInfo { name: "s3", user_agent: "mft-tests", request_id_headers: &[], parse_error: |_, _, _| None };
        let mut settings = Settings::default();
        settings.allow_http();
        settings.base_url(url.as_str());
        let pipeline = settings.pipeline(service_info, &[&url], |_| Ok(Auth::none())).unwrap();
        let bucket = Bucket::new(url.parse().unwrap(), UrlStyle::Path, "bucket", "us-east-1").unwrap();
        let expired_urls = Arc::new(AtomicUsize::new(0));
        let api = Api {
            bucket: Arc::new(bucket),
            credentials: Arc::new(Credentials::new("key", "mrk-storage-secret")),
            transport: ReqwestTransport::builder().no_proxy().build().unwrap(),
            expired_urls: Arc::clone(&expired_urls),
        };
        Self { pipeline, expired_urls, api, folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn upload(&self, key: &str) -> S3Upload {
        S3Upload { api: self.api.clone(), key: key.to_owned() }
    }

    pub(crate) fn download(&self, key: &str) -> S3Download {
        S3Download { api: self.api.clone(), key: key.to_owned() }
    }
}

impl Api {
    /// Sends a signed request and returns the response body.
    async fn call(&self, method: &str, url: &str, body: String) -> Result<String> {
        let (parts, text) = self.send(method, url, body).await?;
        if parts.status.is_success() && !text.contains("<Error>") {
            return Ok(text);
        }
        Err(Error::other(format!("{}: {text}", parts.status)))
    }

    async fn send(&self, method: &str, url: &str, body: String) -> Result<(http::response::Parts, String)> {
        let request = http::Request::builder().method(method).uri(url).body(Body::from(body));
        let request: Request = request.map_err(Error::other)?;
        let (parts, mut body) = self.transport.send(request).await?.into_parts();
        let mut text = Vec::new();
        while let Some(chunk) = body.chunk().await {
            text.extend_from_slice(&chunk.map_err(Error::interrupted)?);
        }
        Ok((parts, String::from_utf8_lossy(&text).into_owned()))
    }
}

pub(crate) struct S3Upload {
    api: Api,
    key: String,
}

impl S3Upload {
    fn target(&self, upload: &str, number: u32) -> Result<PartTarget> {
        let Api { bucket, credentials, expired_urls, .. } = &self.api;
        let part = bucket.upload_part(Some(credentials), &self.key, u16::try_from(number).unwrap(), upload);
        let take = |left: usize| left.checked_sub(usize::from(left != usize::MAX));
        let is_expired = number == 2 && expired_urls.fetch_update(SeqCst, SeqCst, take).is_ok();
        let url = if is_expired {
            let long_ago = jiff::Timestamp::now() - Duration::from_secs(3600);
            part.sign_with_time(LIFE, &long_ago)
        } else {
            part.sign(LIFE)
        };
        Ok(PartTarget {
            number,
            method: http::Method::PUT,
            url: PresignedUrl::parse(url.as_str(), true)?,
            headers: http::HeaderMap::new(),
            encoding: PartEncoding::Body,
            fields: Vec::new(),
        })
    }
}

impl UploadService for S3Upload {
    type File = u64;

    fn limits(&self) -> PartLimits {
        PartLimits {
            min_part_size: 5 * MIB,
            max_part_size: 5 * 1024 * MIB,
            max_parts: 10_000,
            recommended: 5 * MIB,
            max_file_size: 5 * 1024 * 1024 * MIB,
        }
    }

    async fn open(&self) -> Result<UploadSession> {
        let Api { bucket, credentials, .. } = &self.api;
        let url = bucket.create_multipart_upload(Some(credentials), &self.key).sign(LIFE);
        let response = self.api.call("POST", url.as_str(), String::new()).await?;
        let created = CreateMultipartUpload::parse_response(&response).map_err(Error::other)?;
        let reference = created.upload_id().to_owned();
        Ok(UploadSession { first: self.target(&reference, 1)?, reference, limits: self.limits(), parallel: true })
    }

    async fn part_target(&self, reference: &str, part: u32) -> Result<PartTarget> {
        self.target(reference, part)
    }

    async fn complete(&self, reference: &str) -> Result<u64> {
        let Api { bucket, credentials, .. } = &self.api;
        let url = bucket.list_parts(Some(credentials), &self.key, reference).sign(LIFE);
        let response = self.api.call("GET", url.as_str(), String::new()).await?;
        let mut parts: Vec<(u32, u64)> = response.split("<Part>").skip(1).filter_map(part).collect();
        parts.sort_unstable();
        let mut body = "<CompleteMultipartUpload>".to_owned();
        for (number, _) in &parts {
            let _ = write!(body, "<Part><PartNumber>{number}</PartNumber></Part>");
        }
        body.push_str("</CompleteMultipartUpload>");
        let nothing = std::iter::empty::<&str>();
        let url = bucket.complete_multipart_upload(Some(credentials), &self.key, reference, nothing).sign(LIFE);
        self.api.call("POST", url.as_str(), body).await?;
        Ok(parts.iter().map(|(_, size)| size).sum())
    }

    async fn confirm(&self, _size: u64) -> Result<Option<u64>> {
        Ok(None)
    }

    async fn refresh(&self, file: &u64) -> Result<u64> {
        Ok(*file)
    }

    fn metadata(&self, file: &u64) -> FileMetadata {
        FileMetadata { size: Some(*file), ..FileMetadata::default() }
    }
}

/// Parses number and size of a listed part. This server omits the `ETag`.
fn part(text: &str) -> Option<(u32, u64)> {
    let value = |name: &str| text.split_once(&format!("<{name}>"))?.1.split_once('<').map(|(value, _)| value);
    Some((value("PartNumber")?.parse().ok()?, value("Size")?.parse().ok()?))
}

pub(crate) struct S3Download {
    api: Api,
    key: String,
}

impl DownloadService for S3Download {
    type File = u64;

    async fn presigned_url(&self) -> Result<(PresignedUrl, u64)> {
        let Api { bucket, credentials, .. } = &self.api;
        let head = bucket.head_object(Some(credentials), &self.key).sign(LIFE);
        let (parts, _) = self.api.send("HEAD", head.as_str(), String::new()).await?;
        if parts.status == http::StatusCode::NOT_FOUND {
            return Err(Error::not_found("no such key"));
        }
        let size = parts.headers.get(http::header::CONTENT_LENGTH).and_then(|size| size.to_str().ok()?.parse().ok());
        let size = size.ok_or_else(|| Error::other("a HEAD without a length"))?;
        let url = bucket.get_object(Some(credentials), &self.key).sign(LIFE);
        Ok((PresignedUrl::parse(url.as_str(), true)?, size))
    }

    fn metadata(&self, size: &u64) -> FileMetadata {
        FileMetadata { size: Some(*size), ..FileMetadata::default() }
    }
}
