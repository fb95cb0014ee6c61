//! Folders and their contents.

mod transfer;
mod walk;

use std::hash::{DefaultHasher, Hash, Hasher};

use http::Method;
use mft_common::provider::{CallBuilder, Identity, PageNumbers};
use serde::Deserialize;

pub use walk::{Walk, WalkError};

use crate::codec::CallExt as _;
use crate::codec::response::{decode_data, decode_list, decode_nothing};
use crate::files::size;
use crate::path::{FILE_LIMIT, check, check_below_root};
use crate::{Call, Client, File, Pager};

const FOLDER: &str = "/folders/{*path}";

/// The operation that walks call and report failures under.
const LIST: &str = "brickftp.folders.list";

/// Sort key of a folder list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SortBy {
    /// The path.
    Path,
    /// The size.
    Size,
    /// The modification time.
    ModifiedAt,
}

/// Sort direction of a folder list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SortOrder {
    /// From A to Z, from small to large, from old to new.
    #[default]
    Ascending,
    /// From Z to A, from large to small, from new to old.
    Descending,
}

/// Options of [`Folders::list_with`].
///
/// # Examples
///
/// ```
/// use brickftp::{ListFolder, SortOrder, SortBy};
///
/// let newest_invoices = ListFolder::new().search("invoice").sort_by(SortBy::ModifiedAt, SortOrder::Descending);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "list options have no effect until they are passed to `list_with`"]
pub struct ListFolder {
    search: Option<String>,
    sort_by: Option<(SortBy, SortOrder)>,
}

impl ListFolder {
    /// Creates options that list all entries, sorted by path.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a search text that entries must match. The service does not document how it matches.
    pub fn search(mut self, text: impl Into<String>) -> Self {
        self.search = Some(text.into());
        self
    }

    /// Sets the sort key and direction. Default: path, ascending.
    pub fn sort_by(mut self, sort_by: SortBy, order: SortOrder) -> Self {
        self.sort_by = Some((sort_by, order));
        self
    }
}

/// Numbers of direct entries of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[non_exhaustive]
pub struct FolderCounts {
    /// The number of files.
    #[serde(deserialize_with = "count")]
    pub files: u64,
    /// The number of folders.
    #[serde(deserialize_with = "count")]
    pub folders: u64,
}

#[derive(Deserialize)]
struct Counted {
    #[serde(deserialize_with = "count")]
    count: u64,
}

#[derive(Deserialize)]
struct CountedDirectly {
    count: FolderCounts,
}

#[derive(Deserialize)]
struct Sized {
    #[serde(deserialize_with = "count")]
    size: u64,
}

fn count<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    size(deserializer)?.ok_or_else(|| serde::de::Error::custom("missing number"))
}

/// Operations on folders. Returned by [`Client::folders`]. Moving, copying and deleting are operations of
/// [`Files`](crate::Files).
///
/// Paths are relative to the root of the site. One leading slash is allowed, and the empty path is the root. A path
/// with an empty segment, a `.` or `..` segment, a control character or more than 550 characters is
/// [`InvalidInput`](crate::ErrorKind::InvalidInput), and nothing is sent.
#[derive(Debug, Clone, Copy)]
#[must_use = "a resource handle has no effect until one of its operations is called"]
pub struct Folders<'c> {
    pub(crate) client: &'c Client,
}

impl Folders<'_> {
    /// Lists the direct entries of a folder, sorted by path.
    ///
    /// See [`list_with`](Self::list_with), which this method calls without options.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the folder does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let mut entries = client.folders().list("Finance");
    /// while let Some(entry) = entries.try_next().await? {
    ///     println!("{:>12} {}", entry.size_or_zero(), entry.path);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self, path: &str) -> Pager<File> {
        self.list_with(path, ListFolder::new())
    }

    /// Lists the direct entries of a folder with options. See [`Folders::walk`] for recursive listing.
    ///
    /// Calls `GET /folders/{path}`. Default page size: 1000, at most 5000. The service strongly recommends the default.
    /// Entries that are created or deleted during the iteration move later entries to other pages, so an entry may be
    /// missed or repeated.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the folder does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::{ListFolder, SortOrder, SortBy};
    ///
    /// let largest_first = ListFolder::new().sort_by(SortBy::Size, SortOrder::Descending);
    /// let mut entries = client.folders().list_with("Finance", largest_first);
    /// while let Some(entry) = entries.try_next().await? {
    ///     println!("{:>12} {}", entry.size_or_zero(), entry.path);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list_with(&self, path: &str, options: ListFolder) -> Pager<File> {
        let client = self.client.clone();
        let path = check("path", path, FILE_LIMIT).map(str::to_owned);
        let numbers = PageNumbers { default_size: 1_000, largest_size: Some(5_000) };
        let call = move |page: u64, size: Option<u32>| {
            let mut call = client.call(LIST, Method::GET, FOLDER, &[&path]).safe();
            call = call.page(page, size);
            if let Some(text) = &options.search {
                call = call.query("search", text);
            }
            if let Some((by, order)) = options.sort_by {
                let name = match by {
                    SortBy::Path => "sort_by[path]",
                    SortBy::Size => "sort_by[size]",
                    SortBy::ModifiedAt => "sort_by[modified_at_datetime]",
                };
                call = call.query(name, if order == SortOrder::Ascending { "asc" } else { "desc" });
            }
            call
        };
        Pager::numbered(LIST, numbers, Identity::Key(identity), call, decode_list)
    }

    /// Lists everything below a folder. Default concurrency: eight folders.
    ///
    /// Calls `GET /folders/{path}` for the folder and each of its subfolders. See [`Walk`] for order, failures and
    /// limits.
    ///
    /// # Errors
    ///
    /// Yields an error for each folder that cannot be listed, with the errors of [`list`](Self::list), and continues
    /// with the other folders.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let mut walk = client.folders().walk("Projects");
    /// let mut bytes = 0;
    /// while let Some(entry) = walk.next().await {
    ///     match entry {
    ///         Ok(entry) => bytes += entry.size_or_zero(),
    ///         Err(failed) => eprintln!("{failed}"), // the other folders go on
    ///     }
    /// }
    /// println!("{bytes} bytes");
    /// # Ok(())
    /// # }
    /// ```
    pub fn walk(&self, path: &str) -> Walk {
        Walk::new(self.client.clone(), path)
    }

    /// Creates a folder.
    ///
    /// Calls `POST /folders/{path}`.
    ///
    /// Not retried after it may have been processed (not idempotent). See
    /// [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// Fails with [`Rejected`](crate::ErrorKind::Rejected) if the path exists.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// client.folders().create("Projects/2018").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn create(&self, path: &str) -> Call<()> {
        let path = check_below_root("path", path, FILE_LIMIT);
        self.client
            .call("brickftp.folders.create", Method::POST, FOLDER, &[&path])
            .non_idempotent()
            .decode(decode_nothing)
    }

    /// Counts all files and folders below a folder, as one number.
    ///
    /// Calls `GET /folders/{path}?action=count`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the folder does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// println!("{} files and folders on the site", client.folders().count("").await?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn count(&self, path: &str) -> Call<u64> {
        let call = self.counter("brickftp.folders.count", path, "count");
        call.decode(|response| Ok(decode_data::<Counted>(response)?.count))
    }

    /// Counts the direct files and the direct subfolders of a folder.
    ///
    /// Calls `GET /folders/{path}?action=count_nrs`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the folder does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// let counts = client.folders().count_direct("Inbox").await?;
    /// println!("{} files and {} folders", counts.files, counts.folders);
    /// # Ok(())
    /// # }
    /// ```
    pub fn count_direct(&self, path: &str) -> Call<FolderCounts> {
        let call = self.counter("brickftp.folders.count_direct", path, "count_nrs");
        call.decode(|response| Ok(decode_data::<CountedDirectly>(response)?.count))
    }

    /// Returns the total size in bytes of all files below a folder.
    ///
    /// Calls `GET /folders/{path}?action=size`.
    ///
    /// # Errors
    ///
    /// Fails with [`NotFound`](crate::ErrorKind::NotFound) if the folder does not exist.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// println!("{} bytes", client.folders().size("Projects").await?);
    /// # Ok(())
    /// # }
    /// ```
    pub fn size(&self, path: &str) -> Call<u64> {
        let call = self.counter("brickftp.folders.size", path, "size");
        call.decode(|response| Ok(decode_data::<Sized>(response)?.size))
    }

    fn counter(self, name: &'static str, path: &str, action: &str) -> CallBuilder {
        let path = check("path", path, FILE_LIMIT);
        self.client.call(name, Method::GET, FOLDER, &[&path]).safe().query("action", action)
    }
}

/// Identifies entries by path: ids are missing in some responses, and paths are unique within a folder.
fn identity(entry: &File) -> u64 {
    let mut hasher = DefaultHasher::new();
    entry.path.hash(&mut hasher);
    hasher.finish()
}
