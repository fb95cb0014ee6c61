//! Folders: what is in them, and how much of it.

mod transfer;
mod walk;

use std::hash::{DefaultHasher, Hash, Hasher};

use http::Method;
use mft_common::provider::{Identity, PageNumbers};
use serde::Deserialize;

pub use walk::{Walk, WalkError};

use crate::files::size;
use crate::path::{FILE_LIMIT, check, check_below_root};
use crate::request::{Request, decode_data, decode_list};
use crate::{Call, Client, File, Pager};

const FOLDER: &str = "/folders/{*path}";

/// The call that walks make, and that their failures are told under.
const LIST: &str = "brickftp.folders.list";

/// By what a listing is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SortBy {
    /// The path.
    Path,
    /// The size.
    Size,
    /// The time of the last change.
    ModifiedAt,
}

/// In which direction a listing is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SortOrder {
    /// From A to Z, from small to large, from old to new.
    #[default]
    Ascending,
    /// The other way round.
    Descending,
}

/// What to list of a folder.
///
/// # Examples
///
/// ```
/// use brickftp::{ListFolder, SortOrder, SortBy};
///
/// let newest_invoices = ListFolder::new().search("invoice").sort_by(SortBy::ModifiedAt, SortOrder::Descending);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "options do nothing until they are given to `list`"]
pub struct ListFolder {
    search: Option<String>,
    sort_by: Option<(SortBy, SortOrder)>,
}

impl ListFolder {
    /// Everything, by path.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only what matches this text. What matches is the service's affair; it does not document it.
    pub fn search(mut self, text: impl Into<String>) -> Self {
        self.search = Some(text.into());
        self
    }

    /// Sorts by this. Without it the service sorts by path, ascending.
    pub fn sort_by(mut self, sort_by: SortBy, order: SortOrder) -> Self {
        self.sort_by = Some((sort_by, order));
        self
    }
}

/// How much is in a folder itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[non_exhaustive]
pub struct FolderCounts {
    /// Files.
    #[serde(deserialize_with = "count")]
    pub files: u64,
    /// Folders.
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
    size(deserializer)?.ok_or_else(|| serde::de::Error::custom("no number"))
}

/// Operations on folders; from [`Client::folders`]. What is done alike to files and folders (moving, copying, deleting)
/// is in [`Files`](crate::Files).
///
/// Paths are counted from the root of the site, with or without one slash at their beginning; an empty one is the root. A
/// path with an empty segment, a segment `.` or `..`, a control character or more than 550 characters is
/// [`InvalidInput`](crate::ErrorKind::InvalidInput) before anything is sent.
#[derive(Debug, Clone, Copy)]
#[must_use = "a handle does nothing by itself"]
pub struct Folders<'c> {
    pub(crate) client: &'c Client,
}

impl Folders<'_> {
    /// Lists the files and folders in a folder, not those further down; for these see [`Folders::walk`].
    ///
    /// Calls `GET /folders/{path}`. A page holds 1000 entries and at most 5000; the service strongly recommends to leave
    /// its size alone. What is created or deleted while the list is read moves later entries to other pages, so that one
    /// of them may be missed or come twice.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such folder.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: brickftp::Client) -> brickftp::Result<()> {
    /// use brickftp::{ListFolder, SortOrder, SortBy};
    ///
    /// let largest_first = ListFolder::new().sort_by(SortBy::Size, SortOrder::Descending);
    /// let mut entries = client.folders().list("Finance", largest_first);
    /// while let Some(entry) = entries.try_next().await? {
    ///     println!("{:>12} {}", entry.size_or_zero(), entry.path);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn list(&self, path: &str, options: ListFolder) -> Pager<File> {
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
            call.into_builder()
        };
        Pager::numbered(LIST, numbers, Identity::Key(identity), call, decode_list)
    }

    /// Lists everything below a folder, eight folders at a time.
    ///
    /// Calls `GET /folders/{path}` for the folder and for every folder in it. See [`Walk`] for order, failures and limits.
    ///
    /// # Errors
    ///
    /// An item for each folder that cannot be listed, as of [`list`](Self::list); the others go on.
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
    /// Not repeated once it may have been processed; see [`Error::is_ambiguous`](crate::Error::is_ambiguous).
    ///
    /// # Errors
    ///
    /// [`Rejected`](crate::ErrorKind::Rejected) where something is at that path already.
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
        self.client.call("brickftp.folders.create", Method::POST, FOLDER, &[&path]).non_idempotent().returns_nothing()
    }

    /// Counts the files and folders below a folder, all the way down, in one number.
    ///
    /// Calls `GET /folders/{path}?action=count`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such folder.
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
        call.into_builder().decode(|reply| Ok(decode_data::<Counted>(reply)?.count))
    }

    /// Counts the files and the folders in a folder itself, each for themselves.
    ///
    /// Calls `GET /folders/{path}?action=count_nrs`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such folder.
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
        call.into_builder().decode(|reply| Ok(decode_data::<CountedDirectly>(reply)?.count))
    }

    /// Adds up the sizes of all files below a folder, all the way down, in bytes.
    ///
    /// Calls `GET /folders/{path}?action=size`.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) where there is no such folder.
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
        call.into_builder().decode(|reply| Ok(decode_data::<Sized>(reply)?.size))
    }

    fn counter(self, name: &'static str, path: &str, action: &str) -> Request {
        let path = check("path", path, FILE_LIMIT);
        self.client.call(name, Method::GET, FOLDER, &[&path]).safe().query("action", action)
    }
}

/// Ids are missing in some replies; paths are as good in one folder.
fn identity(entry: &File) -> u64 {
    let mut hasher = DefaultHasher::new();
    entry.path.hash(&mut hasher);
    hasher.finish()
}
