//! Makes typed calls one after the other: `typed_get ours|reqwest URL CALLS`.
//!
//! Run under callgrind or dhat with two numbers of calls; the difference divided by the calls is the cost of one.

use sftptogo::{Authentication, Client, Credential, CredentialId, Error};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, who, url, calls] = arguments.as_slice() else {
        return Err("usage: typed_get ours|reqwest URL CALLS".into());
    };
    let calls: usize = calls.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let found = runtime.block_on(async {
        match who.as_str() {
            "ours" => ours(url, calls).await.map_err(Box::<dyn std::error::Error>::from),
            "reqwest" => bare(url, calls).await.map_err(Box::<dyn std::error::Error>::from),
            other => Err(format!("no client {other}").into()),
        }
    })?;
    assert_eq!(found, calls);
    Ok(())
}

async fn ours(url: &str, calls: usize) -> Result<usize, Error> {
    let client =
        Client::builder("0b6f3c1e-5d2a-4e7b-9c41-7a1d2e3f4a5b".into(), Authentication::api_key("api-key")).base_url(url).allow_http().build()?;
    let id = CredentialId::from("9a41c07be25d38f6104a7ce3b8d52f");
    let mut found = 0;
    for _ in 0..calls {
        found += usize::from(client.credentials().get(&id).await?.id == id);
    }
    Ok(found)
}

async fn bare(url: &str, calls: usize) -> Result<usize, reqwest::Error> {
    let client = reqwest::Client::new();
    let id = CredentialId::from("9a41c07be25d38f6104a7ce3b8d52f");
    let mut found = 0;
    for _ in 0..calls {
        let address = format!("{url}/organizations/0b6f3c1e-5d2a-4e7b-9c41-7a1d2e3f4a5b/users/{id}");
        let reply = client.get(address).bearer_auth("api-key").send().await?.error_for_status()?;
        found += usize::from(reply.json::<Credential>().await?.id == id);
    }
    Ok(found)
}
