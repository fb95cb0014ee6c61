use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

/// How a simulator behaves if the documentation is silent or contradicts itself.
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
    pub(crate) session_lifetime: Duration,
    pub(crate) lockout: Option<(u32, Duration)>,
    /// The operations that sessions must reauthenticate for.
    pub(crate) reauthenticated: BTreeSet<String>,
    pub(crate) public_bundles: bool,
    pub(crate) ignore_page: bool,
    pub(crate) page_cap: Option<usize>,
    pub(crate) overwrite: Overwrite,
    pub(crate) upload_form: UploadForm,
    pub(crate) part_length: PartLength,
    pub(crate) part_size: u64,
    pub(crate) available_parts: u32,
    pub(crate) upload_url_lifetime: Duration,
    pub(crate) download_url_lifetime: Duration,
    pub(crate) upload_lifetime: Duration,
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
            session_lifetime: Duration::from_secs(24 * 60 * 60),
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
            upload_url_lifetime: Duration::from_secs(15 * 60),
            download_url_lifetime: Duration::from_secs(3 * 60),
            upload_lifetime: Duration::from_secs(24 * 60 * 60),
            checksum_delay: Duration::ZERO,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings").field("subdomain", &self.subdomain).finish_non_exhaustive()
    }
}

/// How the completion of an upload treats an existing file of this name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Overwrite {
    /// The new file replaces it.
    #[default]
    Replace,
    /// The new file is stored as `name (1).ext`, and the response contains this name.
    Rename,
}

/// How a part must be sent to the storage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum UploadForm {
    /// As the body of a PUT: `"partdata": "body"`.
    #[default]
    Body,
    /// As a form field: `"partdata": "required-parameter file"`.
    FormPart,
    /// As a form field: `"file": "required-parameter file"`.
    FormFile,
}

/// How an upload object announces that the storage needs `Content-Length`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PartLength {
    /// As documented, although it is impossible: `required-parameter Content-Length`.
    #[default]
    Parameter,
    /// As the service writes it: `required-header Content-Length`.
    Header,
    /// Not announced.
    Unsaid,
}
