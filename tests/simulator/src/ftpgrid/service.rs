use std::pin::Pin;
use std::sync::{Arc, Mutex};

use http::request::Parts;
use http::{HeaderMap, StatusCode};

use super::input::Input;
use super::operations::{
    self, ACCOUNT_LIST, ACCOUNTS, ACCOUNTS_LIST, DELETE, DELETE_WITH_SLASH, DOWNLOAD_MULTI, UPLOAD,
};
use super::refusal::{Answer, Refusal};
use super::settings::{ErrorBody, Paths};
use super::state::store::Store;
use super::storage::downloads;
use super::storage::upload;
use crate::fault::WireWords;
use crate::server::{Arriving, Clock, Parameters, Reply, RouteMatch, Service, StreamingService, match_route};
use crate::{Operation, lock};

/// One of the two origins, as the server calls it.
pub(crate) struct Api {
    store: Arc<Mutex<Store>>,
    clock: Arc<Clock>,
    is_storage: bool,
    operations: &'static [Operation],
    absent: Vec<&'static str>,
    error_body: ErrorBody,
}

impl Api {
    pub(crate) fn management(store: &Arc<Mutex<Store>>, clock: &Arc<Clock>) -> Arc<Self> {
        Arc::new(Self::new(store, clock, false))
    }

    pub(crate) fn storage(store: &Arc<Mutex<Store>>, clock: &Arc<Clock>) -> Arc<Self> {
        Arc::new(Self::new(store, clock, true))
    }

    fn new(store: &Arc<Mutex<Store>>, clock: &Arc<Clock>, is_storage: bool) -> Self {
        let settings = lock(store).settings.clone();
        let mut absent = Vec::new();
        for (paths, introduction, reference) in
            [(settings.account_list_paths, ACCOUNTS_LIST, ACCOUNTS), (settings.delete_paths, DELETE_WITH_SLASH, DELETE)]
        {
            match paths {
                Paths::Both => {}
                Paths::Introduction => absent.push(reference),
                Paths::Reference => absent.push(introduction),
            }
        }
        Self {
            store: Arc::clone(store),
            clock: Arc::clone(clock),
            is_storage,
            operations: operations::of_origin(is_storage),
            absent,
            error_body: settings.error_body,
        }
    }

    /// Authorizes a call and applies the effects of time.
    fn authorize(&self, store: &mut Store, operation: &str, headers: &HeaderMap) -> Answer<()> {
        let now_ms = self.clock.now_ms();
        store.tick(now_ms);
        store.authorize(headers, operation)?;
        if self.is_storage {
            store.calls += 1;
            store.tick(now_ms);
        }
        Ok(())
    }

    async fn stream(&self, route: &RouteMatch, request: &Parts, body: &mut Arriving) -> Answer<Reply> {
        let (operation, _) = known(route)?;
        self.authorize(&mut lock(&self.store), operation, &request.headers)?;
        if operation == UPLOAD {
            return upload::take(&self.store, &self.clock, request, body).await;
        }
        while body.next().await?.is_some() {}
        downloads::multi(&self.store, request).await
    }
}

impl Service for Api {
    fn operations(&self) -> &'static [Operation] {
        self.operations
    }

    fn route(&self, request: &Parts) -> RouteMatch {
        let path = request.uri.path();
        let route = match_route(self.operations, request.method.as_str(), path);
        if !self.absent.contains(&path) {
            return route;
        }
        match route {
            RouteMatch::Found(operation, parameters) if path == ACCOUNTS => match operation.name {
                // The path still exists for updates.
                ACCOUNT_LIST => RouteMatch::MethodNotAllowed(parameters),
                _ => RouteMatch::Found(operation, parameters),
            },
            _ => RouteMatch::NotFound,
        }
    }

    fn handle(&self, route: &RouteMatch, request: &Parts, body: &[u8]) -> Reply {
        let mut store = lock(&self.store);
        let answer = known(route).and_then(|(operation, parameters)| {
            self.authorize(&mut store, operation, &request.headers)?;
            let input = Input::parse(&request.headers, body);
            dispatch(&mut store, operation, parameters, request, input, self.clock.now_ms())
        });
        answer.unwrap_or_else(|refusal| refusal.into_reply(self.error_body))
    }

    fn error_response(&self, status: StatusCode) -> Reply {
        Refusal::new(status, status.canonical_reason().unwrap_or("Error")).into_reply(self.error_body)
    }

    fn mutation_targets(&self) -> WireWords {
        WireWords {
            enum_keys: &["accessRights", "protocol", "type"],
            time_keys: &["id", "lastModified", "mtime", "created_at", "updated_at"],
        }
    }

    fn streaming(&self, request: &Parts) -> Option<&dyn StreamingService> {
        match self.route(request) {
            RouteMatch::Found(operation, _) if matches!(operation.name, UPLOAD | DOWNLOAD_MULTI) => Some(self),
            _ => None,
        }
    }
}

impl StreamingService for Api {
    fn handle<'a>(
        &'a self,
        route: &'a RouteMatch,
        request: &'a Parts,
        body: &'a mut Arriving,
    ) -> Pin<Box<dyn Future<Output = Reply> + Send + 'a>> {
        Box::pin(async {
            let answer = self.stream(route, request, body).await;
            answer.unwrap_or_else(|refusal| refusal.into_reply(self.error_body))
        })
    }

    fn records_checksums(&self) -> bool {
        lock(&self.store).settings.checksums
    }
}

fn known(route: &RouteMatch) -> Answer<(&'static str, &Parameters)> {
    match route {
        RouteMatch::Found(operation, parameters) => Ok((operation.name, parameters)),
        RouteMatch::MethodNotAllowed(_) => Err(Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")),
        RouteMatch::NotFound => Err(Refusal::not_found("Not Found")),
    }
}

fn dispatch(
    store: &mut Store,
    operation: &str,
    parameters: &Parameters,
    request: &Parts,
    input: Answer<Input>,
    now_ms: i64,
) -> Answer<Reply> {
    let id = parameters.get("id");
    match operation.trim_start_matches("ftpgrid.") {
        "auth.token" => store.log_in(&input?, now_ms),
        "ftp_accounts.create" => store.create_account(&input?),
        "ftp_accounts.list" => Ok(store.list_accounts()),
        "ftp_accounts.get" => store.get_account(id),
        "ftp_accounts.update" => store.update_account(&input?),
        "ftp_accounts.delete" => store.delete_account(id),
        "storage.list_tree" => store.list_tree(&input?, now_ms),
        "storage.list_dirs" => store.list_dirs(&input?),
        "storage.list_files" => store.list_files(&input?),
        "storage.mkdir" => store.make_directories(&input?, now_ms),
        "storage.move" => store.move_entries(&input?, now_ms),
        "storage.prepare_download" => store.prepare_download(&input?, now_ms),
        "storage.download_single" => store.download_single(request),
        "storage.delete" => store.delete_entries(&input?, now_ms),
        _ => Err(Refusal::not_found("Not Found")),
    }
}
