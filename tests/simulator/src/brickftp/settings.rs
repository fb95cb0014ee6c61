use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

/// How a simulator behaves where the service leaves a choice, or where its documentation contradicts itself.
#[derive(Clone)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of the builder
pub(crate) struct Settings {
    pub(crate) subdomain: String,
    pub(crate) api_key: Option<String>,
    pub(crate) admin_password: Option<String>,
    pub(crate) legal_xml: bool,
    pub(crate) number_ids: bool,
    pub(crate) found_users_as_array: bool,
    pub(crate) site_offset_minutes: i32,
    pub(crate) session_life: Duration,
    pub(crate) lockout: Option<(u32, Duration)>,
    /// The operations that sessions have to reauthenticate for.
    pub(crate) reauthenticated: BTreeSet<String>,
    pub(crate) public_bundles: bool,
    pub(crate) ignore_page: bool,
    pub(crate) page_cap: Option<usize>,
    pub(crate) overwrite: Overwrite,
    pub(crate) upload_form: UploadForm,
    pub(crate) part_length: PartLength,
    pub(crate) part_size: u64,
    pub(crate) available_parts: u32,
    pub(crate) upload_url_life: Duration,
    pub(crate) download_url_life: Duration,
    pub(crate) upload_life: Duration,
    pub(crate) checksum_delay: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            subdomain: "acme".into(),
            api_key: None,
            admin_password: None,
            legal_xml: false,
            number_ids: false,
            found_users_as_array: false,
            site_offset_minutes: -5 * 60,
            session_life: Duration::from_secs(24 * 60 * 60),
            lockout: None,
            reauthenticated: ["brickftp.users.update", "brickftp.users.delete"].map(Into::into).into(),
            public_bundles: false,
            ignore_page: false,
            page_cap: None,
            overwrite: Overwrite::Replace,
            upload_form: UploadForm::Body,
            part_length: PartLength::Parameter,
            part_size: 5 << 20,
            available_parts: 10_000,
            upload_url_life: Duration::from_secs(15 * 60),
            download_url_life: Duration::from_secs(3 * 60),
            upload_life: Duration::from_secs(24 * 60 * 60),
            checksum_delay: Duration::ZERO,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("subdomain", &self.subdomain).finish_non_exhaustive()
    }
}

/// What completing an upload does when there is a file of this name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overwrite {
    /// The new file takes its place.
    #[default]
    Replace,
    /// The new file is stored as `name (1).ext`, and the answer says so.
    Rename,
}

/// How the bytes of a part have to be sent to the storage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UploadForm {
    /// As the body of a PUT: `"partdata": "body"`.
    #[default]
    Body,
    /// In a form post, as `"partdata": "required-parameter file"`.
    FormPart,
    /// In a form post, as `"file": "required-parameter file"`.
    FormFile,
}

/// How an upload object says that the storage needs `Content-Length`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartLength {
    /// As the documentation has it, impossible as that is: `required-parameter Content-Length`.
    #[default]
    Parameter,
    /// As the service is known to write it: `required-header Content-Length`.
    Header,
    /// Not at all.
    Unsaid,
}
