//! Methods that make several calls.

use std::time::Duration;

use mft_common::provider;

use super::{Credential, CredentialId, InboundRule, InboundRuleId};
use crate::{Client, Credentials, Error, Outcome, Result};

/// The maximum number of reads after a rotation until the new password is visible.
const READS_AFTER_ROTATION: u32 = 4;
const PAUSE_BETWEEN_READS: Duration = Duration::from_millis(250);

impl Credentials<'_> {
    /// Rotates the password and returns the credential with the new password.
    ///
    /// Calls [`get`](Self::get), [`rotate_password`](Self::rotate_password) and `get` again. Repeats the last call a few
    /// times until the password or its time differs from the previous value.
    ///
    /// # Errors
    ///
    /// Fails if one of the calls fails. [`Error::outcome`] refers to the rotation: [`Outcome::Done`] means that the
    /// service has accepted the rotation but a later read failed. Get the credential to read the new password.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn run(client: sftptogo::Client, id: sftptogo::CredentialId) -> sftptogo::Result<()> {
    /// let credential = client.credentials().rotate_password_and_fetch(&id).await?;
    /// if let Some(password) = &credential.password {
    ///     std::fs::write("/run/secrets/sftp", password.expose()).expect("the secrets folder is writable");
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
                if password_changed(&before, &after) {
                    return Ok(after);
                }
            }
            Err(Error::protocol("the rotation was accepted, but the credential still has the old password")
                .within(NAME, Outcome::Done))
        }
    }

    /// Appends an inbound rule.
    ///
    /// Reads the rules with [`list`](Self::list), the only call that always returns them, and writes them with
    /// [`replace_inbound_rules`](Self::replace_inbound_rules). The service has no call that adds a single rule. A
    /// concurrent change between the two calls is lost.
    ///
    /// # Errors
    ///
    /// Fails if one of the two calls fails, and with [`NotFound`](crate::ErrorKind::NotFound) if the credential does not
    /// exist.
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

    /// Removes an inbound rule. If the rule does not exist, the rules are written back unchanged.
    ///
    /// Reads and replaces the rules in two calls, as [`add_inbound_rule`](Self::add_inbound_rule) does.
    ///
    /// # Errors
    ///
    /// Fails as [`add_inbound_rule`](Self::add_inbound_rule) does.
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
            rules.retain(|existing| existing.id != rule);
        })
    }
}

/// A value that is missing in one of the responses is not a difference: not every response contains the time, and the
/// password may be withheld.
fn password_changed(before: &Credential, after: &Credential) -> bool {
    let time_changed = match (&before.password_created_at, &after.password_created_at) {
        (Some(before), Some(after)) => before != after,
        _ => false,
    };
    time_changed || (after.password.is_some() && after.password != before.password)
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
                None => return Err(not_done(Error::not_found("the credential does not exist"))),
            }
        };
        // Absent means unknown. Treated as empty, it would remove every existing rule.
        let Some(rules) = credential.inbound_rules() else {
            return Err(not_done(Error::protocol(
                "the list of credentials does not contain the inbound rules of this credential",
            )));
        };
        let mut rules = rules.to_vec();
        change(&mut rules);
        client.credentials().replace_inbound_rules(&id, rules).await.map_err(|error| {
            let outcome = error.outcome();
            error.within(name, outcome)
        })
    }
}
