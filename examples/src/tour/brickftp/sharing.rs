//! Bundles (public links) and behaviors of folders.

use brickftp::{BehaviorUpdate, BundleAccess, NewBehavior, NewBundle};

use super::{Round, stored};
use crate::masked;
use crate::tour::{Stop, Walk, holds, same};

pub(super) async fn bundles(walk: &mut Walk<'_>, round: &Round<'_>) -> Result<(), Stop> {
    let (client, state) = (&round.client, &round.state);
    round.section(walk, "Bundles");
    let password = brickftp::Secret::new("Shared-on-the-tour-1");
    let new = NewBundle::new(["Tour/in", "Tour/café 50% & more/copy.txt"]).password(password.clone());
    let bundle = walk
        .call("Share a folder and a file, with a password", client.bundles().create(new), |bundle| {
            let stored = stored("bundle", state.bundle(bundle.id.get()))?;
            same("the paths", &stored.paths, &bundle.paths)?;
            holds(stored.password.as_deref() == Some(password.expose()), "the stored password differs")?;
            let code = bundle.code.as_deref().ok_or("the response has no code")?;
            // Anyone with the code and the password can fetch the files, so the tour masks it.
            let url = bundle.url.as_deref().ok_or("the response has no URL")?.replace(code, "***");
            Ok(format!("{url}, password {}", masked(Some(&password))))
        })
        .await?;
    walk.call("List the bundles", client.bundles().list().try_collect_vec(), |all| {
        same("the ids", all.iter().map(|one| one.id).collect::<Vec<_>>(), vec![bundle.id])?;
        Ok("one bundle".to_owned())
    })
    .await?;
    walk.call("Fetch it", client.bundles().get(bundle.id), |read| {
        same("the paths", read.paths.len(), 2)?;
        Ok(format!("it has {} paths", read.paths.len()))
    })
    .await?;
    let access = BundleAccess::new(bundle.code.unwrap_or_default()).password(password);
    let contents = client.bundles().contents(&access, "").try_collect_vec();
    walk.call("Open it as a visitor", contents, |all| {
        same("the paths", all.iter().map(|entry| entry.path.as_str()).collect::<Vec<_>>(), vec!["Tour"])?;
        Ok("only \"Tour\", the folder that leads to the shared items".to_owned())
    })
    .await?;
    let contents = client.bundles().contents(&access, "Tour/in").try_collect_vec();
    let inside = walk
        .call("Open the shared folder", contents, |all| {
            let files = state.file_paths().into_iter().filter(|path| path.starts_with("Tour/in/")).count();
            same("the number of files", all.len(), files)?;
            Ok(format!("{files} files"))
        })
        .await?;
    let paths: Vec<_> = inside.iter().filter(|entry| !entry.is_folder()).map(|entry| entry.path.clone()).collect();
    let addresses = client.bundles().download_urls(&access, paths);
    walk.call("Fetch the download URLs", addresses, |all| {
        holds(!all.is_empty() && all.iter().all(|entry| entry.download_uri.is_some()), "a URL is missing")?;
        Ok(format!("{} presigned URLs of the storage (not shown)", all.len()))
    })
    .await?;
    walk.call("Delete the bundle", client.bundles().delete(bundle.id), |()| {
        same("the number of bundles", state.bundles().len(), 0)?;
        Ok("deleted; the files remain".to_owned())
    })
    .await
}

pub(super) async fn behaviors(walk: &mut Walk<'_>, round: &Round<'_>) -> Result<(), Stop> {
    let (client, state) = (&round.client, &round.state);
    round.section(walk, "Behaviors");
    let new = NewBehavior::webhook("Tour/in", ["https://hooks.acme.example/in?a=1&b=2"]);
    let behavior = walk
        .call("Add a webhook behavior to a folder", client.behaviors().create(new), |behavior| {
            same("the URLs", behavior.webhook_urls(), vec!["https://hooks.acme.example/in?a=1&b=2"])?;
            Ok("one URL".to_owned())
        })
        .await?;
    let Some(behavior) = behavior.id else {
        walk.see("Keep its id", Err("the response has no id".to_owned()));
        return Err(Stop);
    };
    walk.call("List the behaviors", client.behaviors().list().try_collect_vec(), |all| {
        same("the number of behaviors", all.len(), 1)?;
        Ok("one behavior".to_owned())
    })
    .await?;
    walk.call(
        "List the behaviors of the folder",
        client.behaviors().list_for_folder("Tour/in").try_collect_vec(),
        |all| {
            same("the number of behaviors", all.len(), 1)?;
            Ok("the same".to_owned())
        },
    )
    .await?;
    walk.call("Fetch it", client.behaviors().get(behavior), |read| {
        same("the path", read.path.as_deref(), Some("Tour/in"))?;
        Ok("path \"Tour/in\"".to_owned())
    })
    .await?;
    let urls = ["https://hooks.acme.example/1", "https://hooks.acme.example/2"];
    let change = BehaviorUpdate::new().webhook_urls(urls);
    walk.call("Update it to two URLs", client.behaviors().update(behavior, change), |changed| {
        same("the URLs", changed.webhook_urls(), urls.to_vec())?;
        same(
            "the stored value",
            stored("behavior", state.behavior(behavior.get()))?.value.to_string(),
            r#"["https://hooks.acme.example/1","https://hooks.acme.example/2"]"#,
        )?;
        Ok("changed".to_owned())
    })
    .await?;
    walk.call("Delete it", client.behaviors().delete(behavior), |()| {
        same("the number of behaviors", state.behaviors().len(), 0)?;
        Ok("gone".to_owned())
    })
    .await
}
