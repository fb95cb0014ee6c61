//! What takes more than one call.

use std::time::Duration;

use mft_common::provider;

use super::{Credential, CredentialId, InboundRule, InboundRuleId};
use crate::{Client, Credentials, Error, Outcome, Result};

/// How often a credential is read again after a rotation, until the new password shows.
const READS_AFTER_ROTATION: u32 = 4;
const PAUSE_BETWEEN_READS: Duration = Duration::from_millis(250);

impl Credentials<'_> {
    /// Rotates the password and fetches the credential with the new one.
    ///
    /// Makes the calls of [`get`](Self::get), [`rotate_password`](Self::rotate_password) and `get` again, the last a few
    /// times at most, until the password or the time of its setting differs from what was there before.
    ///
    /// # Errors
    ///
    /// What one of the calls ends in. [`Error::outcome`] speaks of the rotation: once the service has accepted it, an
    /// error of the reading that follows says [`Outcome::Done`], and the new password is there to be fetched.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::CredentialId) -> sftptogo::Result<()> {
    /// let credential = client.credentials().rotate_password_and_fetch(&id).await?;
    /// if let Some(password) = &credential.password {
    ///     std::fs::write("/run/secrets/sftp", password.expose()).expect("a place for the secret");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn rotate_password_and_fetch(
        &self,
        id: &CredentialId,
    ) -> impl Future<Output = Result<Credential>> + Send + 'static + use<> {
        let (client, id) = (self.client.clone(), id.clone());
        async move {
            const NAME: &str = "sftptogo.credentials.rotate_password_and_fetch";
            let before = client.credentials().get(&id).await.map_err(|error| error.within(NAME, Outcome::NotDone))?;
            client.credentials().rotate_password(&id).await.map_err(|error| {
                let outcome = error.outcome();
                error.within(NAME, outcome)
            })?;
            for read in 0..READS_AFTER_ROTATION {
                provider::sleep(PAUSE_BETWEEN_READS * read).await;
                let after = client.credentials().get(&id).await.map_err(|error| error.within(NAME, Outcome::Done))?;
                if shows_another_password(&before, &after) {
                    return Ok(after);
                }
            }
            Err(Error::protocol("the rotation was accepted, but reading still gives the old password")
                .within(NAME, Outcome::Done))
        }
    }

    /// Adds one inbound rule behind those that are there.
    ///
    /// Reads the rules by [`list`](Self::list), the only call that is sure to tell them, and replaces them by
    /// [`replace_inbound_rules`](Self::replace_inbound_rules). The service has no way to add one rule; somebody who
    /// changes the rules between the two calls loses that change.
    ///
    /// # Errors
    ///
    /// As for the two calls; [`NotFound`](crate::ErrorKind::NotFound) where there is no such credential.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::CredentialId) -> sftptogo::Result<()> {
    /// use sftptogo::InboundRule;
    ///
    /// let partner = InboundRule::allow("198.51.100.7").description("Partner NAT");
    /// client.credentials().add_inbound_rule(&id, partner).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn add_inbound_rule(
        &self,
        id: &CredentialId,
        rule: InboundRule,
    ) -> impl Future<Output = Result<Credential>> + Send + 'static + use<> {
        change_rules(self.client, id, "sftptogo.credentials.add_inbound_rule", move |rules| rules.push(rule))
    }

    /// Removes one inbound rule. One that is not there is no error: the rules are then written back as they were.
    ///
    /// Reads and replaces in two calls, as [`add_inbound_rule`](Self::add_inbound_rule) does.
    ///
    /// # Errors
    ///
    /// As for the two calls.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::CredentialId) -> sftptogo::Result<()> {
    /// client.credentials().remove_inbound_rule(&id, &"2f9c6d70-3b1e-4f58-a0c4-d5e6f7a8b9c0".into()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn remove_inbound_rule(
        &self,
        id: &CredentialId,
        rule: &InboundRuleId,
    ) -> impl Future<Output = Result<Credential>> + Send + 'static + use<> {
        let rule = rule.clone();
        change_rules(self.client, id, "sftptogo.credentials.remove_inbound_rule", move |rules| {
            rules.retain(|known| known.id != rule);
        })
    }
}

/// What one of the replies does not tell is no difference: not every reply has the time, and a password may be withheld.
fn shows_another_password(before: &Credential, after: &Credential) -> bool {
    let set_later = match (&before.password_created_at, &after.password_created_at) {
        (Some(before), Some(after)) => before != after,
        _ => false,
    };
    set_later || (after.password.is_some() && after.password != before.password)
}

fn change_rules<F>(
    client: &Client,
    id: &CredentialId,
    name: &'static str,
    change: F,
) -> impl Future<Output = Result<Credential>> + Send + 'static + use<F>
where
    F: FnOnce(&mut Vec<InboundRule>) + Send + 'static,
{
    let (client, id) = (client.clone(), id.clone());
    async move {
        let not_done = |error: Error| error.within(name, Outcome::NotDone);
        let mut credentials = client.credentials().list();
        let credential = loop {
            match credentials.try_next().await.map_err(not_done)? {
                Some(credential) if credential.id == id => break credential,
                Some(_) => {}
                None => return Err(not_done(Error::not_found("there is no credential with this id"))),
            }
        };
        // Absent means unknown. Taken for empty it would remove every rule that is there.
        let Some(rules) = credential.inbound_rules() else {
            return Err(not_done(Error::protocol("the list of credentials does not tell the rules of this one")));
        };
        let mut rules = rules.to_vec();
        change(&mut rules);
        client.credentials().replace_inbound_rules(&id, rules).await.map_err(|error| {
            let outcome = error.outcome();
            error.within(name, outcome)
        })
    }
}
