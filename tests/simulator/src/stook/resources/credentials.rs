use serde_json::{Value, json};

use crate::server::ApiRequest;
use crate::stook::envelope::Envelope;
use crate::stook::input::{ApiResult, Input};
use crate::stook::resources::buckets;
use crate::stook::settings::CreatedCredential;
use crate::stook::state::objects::{Bucket, Credential};
use crate::stook::state::store::{Store, replace};

impl Store {
    pub(crate) fn list_credentials(&self, request: &ApiRequest<'_>) -> Envelope {
        let organization = request.parameter("organization_uuid");
        let own = self.credentials.iter().filter(|credential| credential.organization_uuid == organization);
        Envelope::List(own.map(|credential| self.render_credential(credential)).collect())
    }

    pub(crate) fn get_credential(&self, request: &ApiRequest<'_>) -> ApiResult<Envelope> {
        let organization = request.parameter("organization_uuid");
        let uuid = request.parameter("credential_uuid");
        Ok(Envelope::Object(self.render_credential(self.credential(organization, uuid)?)))
    }

    pub(crate) fn create_credential(&mut self, request: &ApiRequest<'_>) -> ApiResult<Envelope> {
        let organization = request.parameter("organization_uuid");
        let mut input = Input::parse(request.body)?;
        let name = input.required_text("name");
        let bucket_uuids = input.required_texts("buckets");
        let is_readonly = input.flag("is_readonly").unwrap_or_default();
        let subfolder = input.text("subfolder").filter(|folder| !folder.is_empty());
        self.check_buckets(&mut input, organization, &bucket_uuids);
        input.check()?;
        let defaults = self.new_credential(organization);
        let credential = Credential { name, is_readonly, subfolder, bucket_uuids, ..defaults };
        let body = self.render_created_credential(&credential);
        self.credentials.push(credential);
        Ok(Envelope::Created(body))
    }

    pub(crate) fn update_credential(&mut self, request: &ApiRequest<'_>) -> ApiResult<Envelope> {
        let organization = request.parameter("organization_uuid");
        let uuid = request.parameter("credential_uuid");
        let mut changed = self.credential(organization, uuid)?.clone();
        let mut input = Input::parse(request.body)?;
        changed.name = input.required_text("name");
        changed.is_readonly = input.required_flag("is_readonly");
        if let Some(bucket_uuids) = input.texts("buckets") {
            self.check_buckets(&mut input, organization, &bucket_uuids);
            changed.bucket_uuids = bucket_uuids;
        }
        if let Some(subfolder) = input.text("subfolder") {
            changed.subfolder = Some(subfolder).filter(|folder| !folder.is_empty());
        }
        input.check()?;
        let body = self.render_credential(&changed);
        replace(&mut self.credentials, changed);
        Ok(Envelope::Object(body))
    }

    pub(crate) fn delete_credential(&mut self, request: &ApiRequest<'_>) -> ApiResult<Envelope> {
        let organization = request.parameter("organization_uuid");
        let uuid = request.parameter("credential_uuid");
        self.credential(organization, uuid)?;
        self.credentials.retain(|credential| credential.uuid != uuid);
        Ok(Envelope::Deleted { object: json!({ "uuid": uuid }), documented: false })
    }

    fn check_buckets(&self, input: &mut Input, organization: &str, uuids: &[String]) {
        if uuids.iter().any(|uuid| self.bucket(organization, uuid).is_err()) {
            input.note("buckets", "The selected buckets is invalid.");
        }
    }

    fn buckets_of(&self, credential: &Credential) -> impl Iterator<Item = &Bucket> {
        credential.bucket_uuids.iter().filter_map(|uuid| self.buckets.iter().find(|bucket| bucket.uuid == *uuid))
    }

    /// Renders a credential without its secret key, which the service never returns.
    fn render_credential(&self, credential: &Credential) -> Value {
        json!({
            "uuid": credential.uuid,
            "name": credential.name,
            "is_readonly": credential.is_readonly,
            "access_key": credential.access_key,
            "subfolder": credential.subfolder,
            "buckets": self.buckets_of(credential).map(buckets::render).collect::<Vec<_>>(),
        })
    }

    fn render_created_credential(&self, credential: &Credential) -> Value {
        let legacy = self.settings.created_credentials == CreatedCredential::Legacy;
        let brief = |bucket: &Bucket| {
            let mut brief = json!({
                "uuid": bucket.uuid,
                "name": bucket.name,
                "region": bucket.region,
                "size": bucket.size,
            });
            if legacy {
                brief["organization_uuid"] = json!(bucket.organization_uuid);
            }
            brief
        };
        let mut body = json!({
            "uuid": credential.uuid,
            "name": credential.name,
            "is_readonly": credential.is_readonly,
            "buckets": self.buckets_of(credential).map(brief).collect::<Vec<_>>(),
        });
        if legacy {
            body["access_key"] = json!(credential.access_key);
        }
        body
    }
}
