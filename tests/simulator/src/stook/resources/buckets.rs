use serde_json::{Value, json};

use crate::server::ApiRequest;
use crate::stook::envelope::Envelope;
use crate::stook::input::{ApiError, ApiResult, Input};
use crate::stook::state::objects::Bucket;
use crate::stook::state::store::{Store, replace};

impl Store {
    pub(crate) fn list_buckets(&self, request: &ApiRequest<'_>) -> Envelope {
        let organization = request.parameter("organization_uuid");
        let buckets = self.buckets.iter().filter(|bucket| bucket.organization_uuid == organization);
        Envelope::List(buckets.map(render).collect())
    }

    pub(crate) fn get_bucket(&self, request: &ApiRequest<'_>) -> ApiResult<Envelope> {
        let organization = request.parameter("organization_uuid");
        let uuid = request.parameter("bucket_uuid");
        Ok(Envelope::Object(render(self.bucket(organization, uuid)?)))
    }

    pub(crate) fn create_bucket(&mut self, request: &ApiRequest<'_>) -> ApiResult<Envelope> {
        let organization = request.parameter("organization_uuid");
        let mut input = Input::parse(request.body)?;
        let name = input.required_text("name");
        let region = input.text("region");
        let tags = input.tags("tags");
        if self.settings.strict_bucket_names && !is_strict_name(&name) {
            input.note("name", "The name format is invalid.");
        }
        if region.as_deref() == Some("") {
            input.note("region", "The selected region is invalid.");
        }
        input.check()?;
        if self.buckets.iter().any(|bucket| bucket.organization_uuid == organization && bucket.name == name) {
            return Err(ApiError::conflict("The name has already been taken."));
        }
        let mut bucket = self.new_bucket(organization);
        bucket.name = name;
        if let Some(region) = region {
            bucket.region = region;
        }
        bucket.tags = tags.unwrap_or_default();
        let body = render(&bucket);
        self.buckets.push(bucket);
        Ok(Envelope::Created(body))
    }

    pub(crate) fn update_bucket(&mut self, request: &ApiRequest<'_>) -> ApiResult<Envelope> {
        let organization = request.parameter("organization_uuid");
        let uuid = request.parameter("bucket_uuid");
        let mut changed = self.bucket(organization, uuid)?.clone();
        let mut input = Input::parse(request.body)?;
        if let Some(tags) = input.tags("tags") {
            changed.tags = tags;
        }
        input.check()?;
        let body = render(&changed);
        replace(&mut self.buckets, changed);
        Ok(Envelope::Object(body))
    }

    pub(crate) fn delete_bucket(&mut self, request: &ApiRequest<'_>) -> ApiResult<Envelope> {
        let organization = request.parameter("organization_uuid");
        let uuid = request.parameter("bucket_uuid");
        let bucket = self.bucket(organization, uuid)?;
        let object = json!({
            "uuid": bucket.uuid,
            "organization_uuid": bucket.organization_uuid,
            "name": bucket.name,
        });
        self.remove_bucket(uuid);
        Ok(Envelope::Deleted { object, documented: true })
    }
}

pub(crate) fn render(bucket: &Bucket) -> Value {
    let tags: Vec<_> = bucket.tags.iter().map(|tag| json!({ "key": tag.key, "label": tag.label })).collect();
    json!({
        "uuid": bucket.uuid,
        "organization_uuid": bucket.organization_uuid,
        "name": bucket.name,
        "region": bucket.region,
        "size": bucket.size,
        "tags": tags,
    })
}

/// The naming rules of S3, without their special cases.
fn is_strict_name(name: &str) -> bool {
    let is_allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit();
    let ends = [name.bytes().next(), name.bytes().next_back()];
    (3..=63).contains(&name.len())
        && name.bytes().all(|c| is_allowed(c) || matches!(c, b'-' | b'.'))
        && ends.into_iter().flatten().all(is_allowed)
}
