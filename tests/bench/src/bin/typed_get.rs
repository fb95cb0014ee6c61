//! Makes typed calls in sequence: `typed_get ours|reqwest URL CALLS`.
//!
//! Run it under callgrind or dhat with two numbers of calls. The difference divided by the number of additional calls
//! is the cost of one call.

use sftptogo::{Authentication, Client, Credential, CredentialId, Error};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, library, url, calls] = arguments.as_slice() else {
        return Err("usage: typed_get ours|reqwest URL CALLS".into());
    };
    let calls: usize = calls.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let matches = runtime.block_on(async {
        match library.as_str() {
            "ours" => ours(url, calls).await.map_err(Box::<dyn std::error::Error>::from),
            "reqwest" => plain_reqwest(url, calls).await.map_err(Box::<dyn std::error::Error>::from),
            unknown => Err(format!("unknown client {unknown}").into()),
        }
    })?;
    assert_eq!(matches, calls);
    Ok(())
}

async fn ours(url: &str, calls: usize) -> Result<usize, Error> {
    let client = Client::builder("0b6f3c1e-5d2a-4e7b-9c41-7a1d2e3f4a5b".into(), Authentication::api_key("api-key"))
        .base_url(url)
        .allow_http()
        .build()?;
    let id = CredentialId::from("9a41c07be25d38f6104a7ce3b8d52f");
    let mut matches = 0;
    for _ in 0..calls {
        matches += usize::from(client.credentials().get(&id).await?.id == id);
    }
    Ok(matches)
}

async fn plain_reqwest(url: &str, calls: usize) -> Result<usize, reqwest::Error> {
    let client = reqwest::Client::new();
    let id = CredentialId::from("9a41c07be25d38f6104a7ce3b8d52f");
    let mut matches = 0;
    for _ in 0..calls {
        let request_url = format!("{url}/organizations/0b6f3c1e-5d2a-4e7b-9c41-7a1d2e3f4a5b/users/{id}");
        let response = client.get(request_url).bearer_auth("api-key").send().await?.error_for_status()?;
        matches += usize::from(response.json::<Credential>().await?.id == id);
    }
    Ok(matches)
}
