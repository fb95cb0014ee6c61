use http::StatusCode;
use serde_json::{Value, json};

use crate::server::{ApiRequest, Collection as _, Response};
use crate::usebuckets::deliveries::BucketEvent;
use crate::usebuckets::input::{ApiError, ApiResult, Input};
use crate::usebuckets::paging::{self, ListId};
use crate::usebuckets::state::objects::Bucket;
use crate::usebuckets::state::store::Store;

impl Store {
    pub(crate) fn create_bucket(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let name = Input::parse(request.body)?.required_text("name")?;
        let bucket = Bucket { name, ..self.new_bucket(request.now_ms) };
        let body = render(&bucket);
        let event = BucketEvent::of_bucket("bucket.created", &bucket.id, request.now_ms);
        self.buckets.insert(bucket);
        self.record_event(event);
        Ok(self.created(&body))
    }

    pub(crate) fn list_buckets(&self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let list = ListId { next: "/v1/buckets", parent: "" };
        paging::page_response(&self.settings, list, &self.buckets, request.query(), render)
    }

    pub(crate) fn get_bucket(&self, id: &str) -> ApiResult<Response> {
        Ok(Response::json(StatusCode::OK, &render(self.bucket(id)?)))
    }

    pub(crate) fn update_bucket(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let id = request.parameter("bucket_id");
        let mut bucket = self.bucket(id)?.clone();
        let input = Input::parse_changes(request.body, &["name", "active"])?;
        bucket.name = input.text("name")?.unwrap_or(bucket.name);
        bucket.active = input.boolean("active")?.unwrap_or(bucket.active);
        let body = render(&bucket);
        if let Some(stored) = self.buckets.find_mut(id) {
            *stored = bucket;
        }
        self.record_event(BucketEvent::of_bucket("bucket.updated", id, request.now_ms));
        Ok(Response::json(StatusCode::OK, &body))
    }

    pub(crate) fn delete_bucket(&mut self, request: &ApiRequest<'_>) -> ApiResult<Response> {
        let id = request.parameter("bucket_id");
        if !self.api_deletion {
            // Every call to the route fails in this case, so the id is not checked.
            return Err(ApiError::forbidden("Deletion of buckets through the API is turned off"));
        }
        self.bucket(id)?;
        // The notifications of the bucket are gone after the removal.
        self.record_event(BucketEvent::of_bucket("bucket.deleted", id, request.now_ms));
        self.remove_bucket(id);
        Ok(self.deleted())
    }

    /// Returns the response to a creation.
    pub(crate) fn created(&self, body: &Value) -> Response {
        Response::json(if self.settings.created { StatusCode::CREATED } else { StatusCode::OK }, body)
    }

    /// Returns the response to a deletion.
    pub(crate) fn deleted(&self) -> Response {
        if self.settings.empty_objects {
            Response::json(StatusCode::OK, &json!({}))
        } else {
            Response::empty(StatusCode::OK)
        }
    }
}

fn render(bucket: &Bucket) -> Value {
    json!({
        "id": bucket.id,
        "name": bucket.name,
        "host": bucket.host,
        "active": bucket.active,
        "created_at": bucket.created_at,
    })
}
