//! What the conformance tests have to know of a provider.

pub(crate) mod brickftp;
pub(crate) mod ftpgrid;
pub(crate) mod sftptogo;
pub(crate) mod stook;
pub(crate) mod usebuckets;

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mft_common::{Error, ErrorKind, Middleware, Next, Outcome, Request, Response, Result, RetryPolicy};
use mft_simulator::{Exchange, FaultPlan};

/// A call under way. Its value is the `Debug` text of what the client returned.
pub type CallFuture = Pin<Box<dyn Future<Output = Result<String>> + Send>>;

/// One call of each kind, as far as a provider has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Fetches one object.
    Read,
    /// Lists.
    List,
    /// Creates something; a second one would be a duplicate.
    Create,
    /// Changes something; the same change twice is one.
    Change,
    /// Deletes something.
    Delete,
    /// What must not be sent twice.
    Never,
}

impl Act {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Read, Self::List, Self::Create, Self::Change, Self::Delete, Self::Never];
    /// Those that are repeated after failures that may pass.
    pub const REPEATABLE: [Self; 4] = [Self::Read, Self::List, Self::Change, Self::Delete];
    /// Those that are not repeated once they may have been processed.
    pub const UNREPEATABLE: [Self; 2] = [Self::Create, Self::Never];

    /// Whether it leaves something changed.
    #[must_use]
    pub fn changes_something(self) -> bool {
        !matches!(self, Self::Read | Self::List)
    }

    /// Whether a failure after which nobody knows may be followed by another attempt.
    #[must_use]
    pub fn is_repeatable(self) -> bool {
        !matches!(self, Self::Create | Self::Never)
    }
}

/// The language of a service's replies, for faults that have to speak it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// JSON.
    Json,
    /// XML as Rails writes it.
    Xml,
}

impl Wire {
    /// A list of nothing.
    #[must_use]
    pub fn empty_list(self) -> &'static str {
        match self {
            Self::Json => "[]",
            Self::Xml => "<nil-classes type=\"array\"/>",
        }
    }

    /// A document that is neither an object nor a list.
    #[must_use]
    pub fn lone_text(self) -> &'static str {
        match self {
            Self::Json => "\"a text\"",
            Self::Xml => "<value>a text</value>",
        }
    }

    /// An object that no call expects.
    #[must_use]
    pub fn other_object(self) -> &'static str {
        match self {
            Self::Json => "{\"Unexpected\":[1]}",
            Self::Xml => "<other><unexpected type=\"array\"><unexpected>1</unexpected></unexpected></other>",
        }
    }

    /// An error whose message is this text, which has to be escaped already.
    #[must_use]
    pub fn error(self, message: &str) -> String {
        match self {
            Self::Json => format!("{{\"message\":\"{message}\"}}"),
            Self::Xml => format!("<error><message>{message}</message></error>"),
        }
    }
}

/// A provider under test: a running simulator, seeded with what the acts need, and the client's calls.
///
/// One value serves one case: every act can be done once on it.
pub trait Provider: Sized + Send + Sync + 'static {
    /// The client.
    type Client: Clone + fmt::Debug + Send + Sync + 'static;

    /// First part of the operations' names.
    const NAME: &'static str;

    /// The language of the replies.
    const WIRE: Wire = Wire::Json;

    /// Whether the client recognises the error document of a storage under a status of success for what it is.
    const READS_FAILURES_IN_XML: bool = false;

    /// What a read becomes whose reply says nothing, under a status of success.
    const NOTHING_READ: ErrorKind = ErrorKind::Decode;

    /// Whether a change has succeeded where the reply says nothing, under a status of success.
    const CHANGES_NEED_NO_REPLY: bool = false;

    /// The operations that must never be carried out twice by one call.
    const UNREPEATABLE: &'static [&'static str];

    /// Starts a seeded simulator.
    fn start() -> impl Future<Output = Self> + Send;

    /// The same with https.
    fn start_with_tls() -> impl Future<Output = Self> + Send;

    /// The certificate of the authority behind that, in PEM; an empty text without it.
    fn authority(&self) -> String;

    /// Makes a client that talks to the simulator.
    fn client(&self, tweaks: Tweaks) -> Self::Client;

    /// How many more calls the client could start right now.
    fn free_permits(client: &Self::Client) -> usize;

    /// The name of the operation behind an act; `None` where the provider has no such call.
    fn operation(act: Act) -> Option<&'static str>;

    /// Begins an act. The future owns everything it needs.
    fn act(&self, client: &Self::Client, act: Act) -> CallFuture;

    /// How often the act has taken effect, by the state of the simulator.
    fn times_done(&self, act: Act) -> usize;

    /// The whole state as text, without what differs from run to run: times, generated ids and passwords.
    fn snapshot(&self) -> String;

    /// Every secret that is in play.
    fn secrets(&self) -> Vec<String>;

    /// The simulator's fault plan.
    fn faults(&self) -> FaultPlan;

    /// The simulator's journal.
    fn journal(&self) -> Vec<Exchange>;

    /// The address of the simulator.
    fn address(&self) -> SocketAddr;

    /// The acts that the provider has, of these.
    #[must_use]
    fn acts(of: &[Act]) -> impl Iterator<Item = Act> {
        of.iter().copied().filter(|act| Self::operation(*act).is_some())
    }

    /// How many requests for an act arrived.
    fn requests(&self, act: Act) -> usize {
        self.journal().iter().filter(|exchange| exchange.operation == Self::operation(act)).count()
    }

    /// How many requests for an act the service carried out.
    fn carried_out(&self, act: Act) -> usize {
        let done = |exchange: &&Exchange| exchange.operation == Self::operation(act) && exchange.succeeded();
        self.journal().iter().filter(done).count()
    }

    /// Compares what the caller was told with what has happened.
    fn assert_truth(&self, act: Act, result: &Result<String>, case: &str) {
        let done = self.times_done(act);
        let told = match result {
            Ok(_) if act.changes_something() => 1..=1,
            Ok(_) => 0..=0,
            Err(error) => match error.outcome() {
                Outcome::NotDone => 0..=0,
                Outcome::Done => 1..=1,
                Outcome::Unknown => 0..=1,
            },
        };
        assert!(told.contains(&done), "{case}: done {done} times, but the caller was told {result:?}");
    }
}

/// Settings of a client, in terms that all clients share.
#[derive(Debug, Clone)]
#[must_use = "tweaks do nothing until they are given to a provider"]
pub struct Tweaks {
    /// Instead of the simulator's origin; a prefix of the service's own comes behind it.
    pub base_url: Option<String>,
    /// Instead of the right key.
    pub key: Option<String>,
    /// The retry policy; quick unless set.
    pub retry: RetryPolicy,
    /// The longest time for an attempt, and for a transfer to stand still.
    pub attempt_timeout: Duration,
    /// The longest time for a call.
    pub call_timeout: Option<Duration>,
    /// How many calls may be under way at once.
    pub permits: usize,
    /// The largest reply.
    pub max_response_bytes: usize,
    /// An authority to believe beside those of the system, in PEM.
    pub root_certificate: Option<String>,
    /// A name and its addresses.
    pub resolve: Option<(String, Vec<SocketAddr>)>,
    /// Watches, or moves, every attempt.
    pub spy: Option<Spy>,
}

impl Default for Tweaks {
    fn default() -> Self {
        Self {
            base_url: None,
            key: None,
            retry: RetryPolicy::new().base_delay(Duration::from_millis(4)),
            attempt_timeout: Duration::from_secs(10),
            call_timeout: None,
            permits: 64,
            max_response_bytes: 1 << 20,
            root_certificate: None,
            resolve: None,
            spy: None,
        }
    }
}

impl Tweaks {
    /// For faults that only the time limit ends. Long enough for a healthy attempt on a busy machine.
    pub fn impatient() -> Self {
        Self { attempt_timeout: Duration::from_millis(500), ..Self::default() }
    }

    /// With other attempts.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.retry = self.retry.max_attempts(attempts);
        self
    }
}

/// Puts the shared settings on a provider's builder; the setters are the same in all crates.
macro_rules! with_tweaks {
    ($builder:expr, $tweaks:expr) => {{
        let tweaks: $crate::Tweaks = $tweaks;
        let mut builder = $builder
            .allow_http()
            .no_proxy()
            .retry(tweaks.retry)
            .attempt_timeout(tweaks.attempt_timeout)
            .idle_timeout(tweaks.attempt_timeout)
            .connect_timeout(tweaks.attempt_timeout.min(::std::time::Duration::from_secs(5)))
            .max_concurrent_calls(tweaks.permits)
            .max_response_bytes(tweaks.max_response_bytes);
        if let Some(limit) = tweaks.call_timeout {
            builder = builder.call_timeout(limit);
        }
        if let Some(pem) = tweaks.root_certificate {
            builder = builder.add_root_certificate(pem);
        }
        if let Some((host, addresses)) = tweaks.resolve {
            builder = builder.resolve(host, addresses);
        }
        if let Some(spy) = tweaks.spy {
            builder = builder.per_attempt_middleware(spy);
        }
        builder
    }};
}
pub(crate) use with_tweaks;

/// What is the same for every provider that has a `simulator`, a `builder` of clients and a `start_with`.
macro_rules! by_simulator {
    () => {
        async fn start() -> Self {
            Self::start_with(Simulator::builder()).await
        }

        async fn start_with_tls() -> Self {
            Self::start_with(Simulator::builder().tls()).await
        }

        fn authority(&self) -> String {
            self.simulator.ca_pem().unwrap_or_default().to_owned()
        }

        fn client(&self, tweaks: Tweaks) -> Client {
            self.builder(tweaks).build().expect("settings that agree with each other")
        }

        fn free_permits(client: &Client) -> usize {
            client.free_permits()
        }

        fn faults(&self) -> ::mft_simulator::FaultPlan {
            self.simulator.faults()
        }

        fn journal(&self) -> Vec<::mft_simulator::Exchange> {
            self.simulator.journal()
        }

        fn address(&self) -> ::std::net::SocketAddr {
            let url = self.simulator.base_url();
            let authority = url.split('/').nth(2).unwrap_or_default();
            authority.parse().expect("the simulator listens on an address")
        }
    };
}
pub(crate) use by_simulator;

/// What an act gives back.
pub(crate) fn shown<T: fmt::Debug>(result: Result<T>) -> Result<String> {
    result.map(|value| format!("{value:?}"))
}

/// A middleware around every attempt: notes when attempts start, and how many are under way at once.
#[derive(Debug, Clone, Default)]
pub struct Spy {
    seen: Arc<Seen>,
    moves_to: Option<SocketAddr>,
}

#[derive(Debug, Default)]
struct Seen {
    starts: Mutex<Vec<Instant>>,
    under_way: AtomicUsize,
    peak: AtomicUsize,
}

impl Spy {
    /// One that sends every request to another place, as a mistaken middleware does.
    #[must_use]
    pub fn moving_to(address: SocketAddr) -> Self {
        Self { moves_to: Some(address), ..Self::default() }
    }

    /// The times between the starts of attempts.
    #[must_use]
    pub fn gaps(&self) -> Vec<Duration> {
        let starts = self.seen.starts.lock().expect("no test panics in here");
        starts.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    /// The most attempts that were under way at once.
    #[must_use]
    pub fn peak(&self) -> usize {
        self.seen.peak.load(SeqCst)
    }
}

impl Middleware for Spy {
    async fn handle(&self, mut request: Request, next: Next<'_>) -> Result<Response> {
        if let Some(address) = self.moves_to {
            let moved = format!("http://{address}{}", request.uri().path());
            *request.uri_mut() = moved.parse().map_err(Error::other)?;
        }
        self.seen.starts.lock().expect("no test panics in here").push(Instant::now());
        let now = self.seen.under_way.fetch_add(1, SeqCst) + 1;
        self.seen.peak.fetch_max(now, SeqCst);
        let result = next.run(request).await;
        self.seen.under_way.fetch_sub(1, SeqCst);
        result
    }
}
