use http::StatusCode;
use serde_json::{Value, json};

use crate::server::Reply;
use crate::usebuckets::deliveries::BucketEvent;
use crate::usebuckets::input::{Answer, Input, Refusal};
use crate::usebuckets::paging::{self, ListId};
use crate::usebuckets::state::objects::Bucket;
use crate::usebuckets::state::store::Store;

impl Store {
    pub(crate) fn create_bucket(&mut self, body: &[u8], now_ms: i64) -> Answer<Reply> {
        let name = Input::parse(body)?.required_text("name")?;
        let bucket = Bucket { name, ..self.new_bucket(now_ms) };
        let body = render(&bucket);
        let event = BucketEvent::of_bucket("bucket.created", &bucket.id, now_ms);
        self.buckets.insert(bucket);
        self.record_event(event);
        Ok(self.created(&body))
    }

    pub(crate) fn list_buckets(&self, query: &str) -> Answer<Reply> {
        let list = ListId { next: "/v1/buckets", parent: "" };
        paging::page_response(&self.settings, list, &self.buckets, query, render)
    }

    pub(crate) fn get_bucket(&self, id: &str) -> Answer<Reply> {
        Ok(Reply::json(StatusCode::OK, &render(self.bucket(id)?)))
    }

    pub(crate) fn update_bucket(&mut self, id: &str, body: &[u8], now_ms: i64) -> Answer<Reply> {
        let mut bucket = self.bucket(id)?.clone();
        let input = Input::parse_changes(body, &["name", "active"])?;
        bucket.name = input.text("name")?.unwrap_or(bucket.name);
        bucket.active = input.boolean("active")?.unwrap_or(bucket.active);
        let body = render(&bucket);
        if let Some(stored) = self.buckets.get_mut(id) {
            *stored = bucket;
        }
        self.record_event(BucketEvent::of_bucket("bucket.updated", id, now_ms));
        Ok(Reply::json(StatusCode::OK, &body))
    }

    pub(crate) fn delete_bucket(&mut self, id: &str, now_ms: i64) -> Answer<Reply> {
        if !self.api_deletion {
            // Every call to the route fails in this case, so the id is not checked.
            return Err(Refusal::new(StatusCode::FORBIDDEN, "Deletion of buckets through the API is turned off"));
        }
        self.bucket(id)?;
        // The notifications of the bucket are gone after the removal.
        self.record_event(BucketEvent::of_bucket("bucket.deleted", id, now_ms));
        self.remove_bucket(id);
        Ok(self.deleted())
    }

    /// Returns the response to a creation.
    pub(crate) fn created(&self, body: &Value) -> Reply {
        Reply::json(if self.settings.created { StatusCode::CREATED } else { StatusCode::OK }, body)
    }

    /// Returns the response to a deletion.
    pub(crate) fn deleted(&self) -> Reply {
        if self.settings.empty_objects { Reply::json(StatusCode::OK, &json!({})) } else { Reply::empty(StatusCode::OK) }
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
