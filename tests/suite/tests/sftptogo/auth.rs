//! API keys: the effect of a rejection.

use futures_util::future::join_all;
use mft_simulator::Fault;
use mft_simulator::sftptogo::Simulator;
use mft_tests::{ClientOptions, Provider, Sftptogo};
use sftptogo::{Deleted, ErrorKind, Outcome};

#[tokio::test]
async fn calls_with_a_revoked_key_are_not_retried() {
    let provider = Sftptogo::start().await;
    let client = provider.client(ClientOptions::default());
    client.credentials().get(&provider.target).await.unwrap();
    provider.simulator.revoke_api_key();
    provider.simulator.clear_journal();
    let results = join_all((0..100).map(|_| client.credentials().get(&provider.target).into_future())).await;
    for result in results {
        let error = result.unwrap_err();
        assert!(error.is_auth() && error.attempts() == 1 && error.outcome() == Outcome::NotDone, "{error}");
    }
    assert_eq!(provider.journal().len(), 100);
}

#[tokio::test]
async fn transient_401_is_reported() {
    let provider = Sftptogo::start().await;
    let client = provider.client(ClientOptions::default());
    provider.faults().push(Fault::unauthorized().on("sftptogo.credentials.get").once());
    assert!(client.credentials().get(&provider.target).await.unwrap_err().is_auth());
    client.credentials().get(&provider.target).await.unwrap();
}

#[tokio::test]
async fn key_of_another_organization_is_permission_denied() {
    let (provider, other_provider) =
        (Sftptogo::start().await, Sftptogo::start_with(Simulator::builder().seed(9)).await);
    let base_url = Some(other_provider.simulator.base_url());
    let client = provider.client(ClientOptions { base_url, ..ClientOptions::default() });
    let error = client.credentials().get(&provider.target).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::PermissionDenied, 1), "{error}");
}

#[tokio::test]
async fn root_credential_cannot_be_deleted() {
    let provider = Sftptogo::start().await;
    let client = provider.client(ClientOptions::default());
    let before = provider.snapshot();
    let root = provider.simulator.state().root().id.into();
    let error = client.credentials().delete(&root).await.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::PermissionDenied, Outcome::NotDone), "{error}");
    assert_eq!(provider.snapshot(), before);
}

#[tokio::test]
async fn delete_returns_the_object_or_already_gone() {
    for (case, fault) in [("clean", None), ("repeated", Some(Fault::status(503).after_processing()))] {
        let provider = Sftptogo::start().await;
        if let Some(fault) = fault.clone() {
            provider.faults().push(fault.on("sftptogo.*").once());
        }
        let deleted = provider.client(ClientOptions::default()).credentials().delete(&provider.target).await.unwrap();
        match deleted {
            Deleted::Now(was) => assert_eq!((case, was.id), ("clean", provider.target.clone())),
            Deleted::AlreadyGone => assert_eq!(case, "repeated"),
        }
    }
}

#[test]
fn call_outside_a_tokio_runtime_is_an_error() {
    let client =
        sftptogo::Client::builder("organization".into(), sftptogo::Authentication::api_key("key")).build().unwrap();
    let call = client.credentials().get(&"1".into());
    let error = futures_util::FutureExt::now_or_never(call.into_future()).expect("at once").unwrap_err();
    assert!(error.is_invalid_input() && error.to_string().contains("Tokio runtime"), "{error}");
}
