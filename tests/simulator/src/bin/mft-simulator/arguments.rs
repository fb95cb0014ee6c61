//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{Parser, ValueEnum};
use mft_simulator::FaultRule;

/// Simulates a managed file transfer service, so that you can test a client in any language without an account.
///
/// Prints the environment of the simulator as `export NAME='value'` lines on standard output, and runs until Ctrl-C.
/// All other output goes to standard error. If a command follows `--`, runs the command in that environment and exits
/// with its exit status.
#[derive(Debug, Parser)]
#[command(version, after_long_help = EXAMPLES)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of the command line
pub(crate) struct Arguments {
    /// The service to simulate.
    #[arg(long, value_enum, default_value = "sftptogo")]
    pub(crate) provider: Provider,

    /// The address to listen on. Port 0 selects a free port.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8022")]
    pub(crate) listen: SocketAddr,

    /// The seed of ids, keys, passwords and random faults. The same seed generates the same values.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,

    /// The API key to accept. Default: generated from the seed.
    #[arg(long, value_name = "KEY")]
    pub(crate) api_key: Option<String>,

    /// stook: the secret of the API key. Default: generated from the seed.
    #[arg(long, value_name = "SECRET")]
    pub(crate) api_secret: Option<String>,

    /// sftptogo, stook: the organization id. Default: generated from the seed.
    #[arg(long, value_name = "ID")]
    pub(crate) organization_id: Option<String>,

    /// sftptogo, usebuckets: returns every key in every response. The documented examples omit some.
    #[arg(long)]
    pub(crate) full_responses: bool,

    /// sftptogo: accepts webhooks with http:// URLs of the loopback address and delivers to them.
    #[arg(long)]
    pub(crate) allow_http_webhooks: bool,

    /// usebuckets: the key that signs deliveries. Default: generated from the seed.
    #[arg(long, value_name = "SECRET")]
    pub(crate) signing_secret: Option<String>,

    /// brickftp, ftpgrid: the address of the storage. Default: a free port of the API's address.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) storage_listen: Option<SocketAddr>,

    /// brickftp, ftpgrid: the parent of the directory for content that exceeds the memory limit. Default: the system's
    /// directory for temporary files.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) data_folder: Option<PathBuf>,

    /// brickftp: the password of the user "admin". Default: generated from the seed.
    #[arg(long, value_name = "PASSWORD")]
    pub(crate) admin_password: Option<String>,

    /// brickftp: writes subfolders_locked in XML. The service writes a name that is not valid XML.
    #[arg(long)]
    pub(crate) legal_xml: bool,

    /// Serves https with a generated certificate.
    #[arg(long)]
    pub(crate) tls: bool,

    /// Writes the certificate that clients must trust to this file, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub(crate) tls_ca_out: Option<PathBuf>,

    /// Injects a fault; repeatable. See "Fault rules" below.
    #[arg(long, value_name = "RULE")]
    pub(crate) fault: Vec<FaultRule>,

    /// Prints a line per exchange on standard error.
    #[arg(long)]
    pub(crate) journal: bool,

    /// Lists the operations that fault rules can name, and exits.
    #[arg(long)]
    pub(crate) operations: bool,

    /// The command to run in the environment of the simulator.
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Provider {
    /// SFTP To Go.
    Sftptogo,
    /// ftpGrid.
    Ftpgrid,
    /// BrickFTP.
    Brickftp,
    /// Buckets.
    Usebuckets,
    /// Medianova Stook.
    Stook,
}

impl Arguments {
    /// Returns an argument that the selected provider does not support, and the providers that do.
    pub(crate) fn misplaced(&self) -> Option<(&'static str, String)> {
        use Provider::{Brickftp, Ftpgrid, Sftptogo, Stook, Usebuckets};

        let supported: [(&[Provider], _, _); 10] = [
            (&[Sftptogo, Brickftp, Usebuckets, Stook], "--api-key", self.api_key.is_some()),
            (&[Stook], "--api-secret", self.api_secret.is_some()),
            (&[Sftptogo, Stook], "--organization-id", self.organization_id.is_some()),
            (&[Sftptogo, Usebuckets], "--full-responses", self.full_responses),
            (&[Sftptogo], "--allow-http-webhooks", self.allow_http_webhooks),
            (&[Usebuckets], "--signing-secret", self.signing_secret.is_some()),
            (&[Brickftp, Ftpgrid], "--storage-listen", self.storage_listen.is_some()),
            (&[Brickftp, Ftpgrid], "--data-folder", self.data_folder.is_some()),
            (&[Brickftp], "--admin-password", self.admin_password.is_some()),
            (&[Brickftp], "--legal-xml", self.legal_xml),
        ];
        let misplaced = supported.iter().find(|(owners, _, is_set)| *is_set && !owners.contains(&self.provider));
        misplaced.map(|(owners, name, _)| {
            let owners: Vec<_> = owners.iter().filter_map(ValueEnum::to_possible_value).collect();
            (*name, owners.iter().map(PossibleValue::get_name).collect::<Vec<_>>().join(", "))
        })
    }
}

const EXAMPLES: &str = "\
Fault rules:
  OPERATION[:WORD]...   words are separated by colons and may be in any order

  OPERATION  a name (see --operations), a prefix such as sftptogo.credentials.*, or any

  When:      nth=N           only the N-th matching call        times=N   only the first N calls
             skip=N          not the first N calls              chance=P  with probability P, 0 to 1
             seed=N          the seed of chance
             after           after the service has processed the request (default: before)

  What:      status=N        respond with this status           redirect=N   the same, with location=URL
             unauthorized    respond with 401                   rate-limit=N/TIME  429 above N calls per TIME
             delay=TIME      delay (250ms, 2s, 1m)              stall        never respond
             reset           reset the connection               reset-mid-body  reset after half of the body
             truncate        send half of the body              drip=BYTES/TIME  send the body slowly
             garbage         send bytes that are not HTTP       raw=TEXT     send exactly these bytes
             close           respond, then close the connection interim=N    send a 1xx response first

  Transfers: early=BYTES     while the request body arrives     slow-request=BYTES/TIME   read it slowly
             storage-code=CODE  an error of the object storage, such as SlowDown
             expired-url   changed-content   wrong-etag   shift-content-range   corrupt
             truncate-unsized   excess   replace-status=N
             ignore-header=NAME   remove-header=NAME   replace-header=NAME=VALUE

  Response:  header=NAME=VALUE   retry-after=VALUE   location=URL   headers=COUNT/SIZE
             body=TEXT   html   empty-list   storage-error   body-size=N   endless
             extra-keys   unknown-enums   numbers-as-strings   set=KEY=JSON   without=KEY

  A colon separates words only before a lowercase letter. Write \\: for a colon that does not separate. Values may contain
  the escapes \\r, \\n, \\t, \\\\ and \\xNN.

Examples:
  Start a simulator and load its environment into a shell:
    mft-simulator > simulator.env &
    . ./simulator.env
    curl --url $SFTPTOGO_BASE_URL/organizations/$SFTPTOGO_ORGANIZATION_ID/users \\
      -H \"Authorization: Bearer ${SFTPTOGO_API_KEY}\" -H \"Content-type: application/json\"

  Run a test suite with a simulator on a free port:
    mft-simulator --listen 127.0.0.1:0 -- npm test

  Reset the connection during the upload of the second part:
    mft-simulator --provider brickftp --fault 'brickftp.storage.put_part:nth=2:reset:early=1000000' -- npm test

  Return 503 for the second creation, lose the response of every rotation, and delay one call in ten:
    mft-simulator --fault 'sftptogo.credentials.create:nth=2:status=503:retry-after=2' \\
                  --fault 'sftptogo.credentials.rotate_password:reset:after' \\
                  --fault 'any:chance=0.1:delay=2s'
";
