use super::call::{Call, Output};
use super::folders::{check_new_path, no_parent};
use super::objects::Event;
use super::refusal::{Answer, Refusal};
use super::store::Store;
use super::tree::{self, ROOT, clean, is_within, split};

impl Store {
    /// What every look at a file counts as, unless it only asks for the metadata.
    pub(super) fn download(&mut self, call: &Call<'_>) -> Answer<Output> {
        let path = call.path();
        let node = self.tree.find(&path).ok_or_else(Refusal::not_found)?;
        if !self.rights(&call.caller, &path, node.file().is_some()).read {
            return Err(Refusal::forbidden());
        }
        if node.file().is_none() {
            return Err(Refusal::unreadable("Cannot download a folder"));
        }
        let output = Output::ok("file", self.file_node(node, call, Some(self.sign_download(node))));
        let event = self.event(call, "read");
        self.record(Event { path: Some(path.clone()), source: Some(path), ..event });
        Ok(output)
    }

    pub(super) fn sign_download(&self, node: &tree::Node) -> String {
        let object = node.file().and_then(|file| file.object.clone());
        let object = object.unwrap_or_else(|| self.storage.empty());
        self.storage.sign_download(&object, &node.name, self.settings.download_url_life)
    }

    pub(super) fn stat(&self, call: &Call<'_>) -> Answer<Output> {
        let path = call.path();
        let node = self.tree.find(&path).ok_or_else(Refusal::not_found)?;
        let is_file = node.file().is_some();
        let letters = self.rights(&call.caller, &path, is_file).letters();
        if letters.is_empty() && (is_file || !self.leads_somewhere(&call.caller, &path)) {
            return Err(Refusal::forbidden());
        }
        Ok(Output::ok("file", self.file_node(node, call, None)))
    }

    pub(super) fn rename(&mut self, call: &Call<'_>) -> Answer<Output> {
        let (id, source, destination) = self.endpoints(call, "move-destination")?;
        let is_file = self.tree.node(id).file().is_some();
        if !self.rights(&call.caller, &source, is_file).delete {
            return Err(Refusal::forbidden());
        }
        let (parent, name) = self.landing(call, &source, &destination)?;
        self.tree.relocate(id, parent, name);
        self.record_both(call, "move", source, &destination);
        Ok(Output::nothing())
    }

    /// Any `structure` at all copies the folders without their files.
    pub(super) fn copy(&mut self, call: &Call<'_>) -> Answer<Output> {
        let (id, source, destination) = self.endpoints(call, "copy-destination")?;
        let is_file = self.tree.node(id).file().is_some();
        if !self.rights(&call.caller, &source, is_file).read {
            return Err(Refusal::forbidden());
        }
        let (parent, name) = self.landing(call, &source, &destination)?;
        let folders_only = call.input.has("structure") && !is_file;
        self.tree.copy(id, parent, name, folders_only, call.now_ms);
        self.record_both(call, "copy", source, &destination);
        Ok(Output::nothing())
    }

    fn endpoints(&self, call: &Call<'_>, field: &str) -> Answer<(u64, String, String)> {
        let source = call.path();
        let id = self.tree.find(&source).ok_or_else(Refusal::not_found)?.id;
        if id == ROOT {
            return Err(Refusal::invalid("The root folder cannot be moved or copied"));
        }
        let destination = clean(&call.input.text(field)?.unwrap_or_default());
        if destination.split('/').any(|name| matches!(name, "." | "..")) {
            return Err(Refusal::invalid(format!("{field} is invalid")));
        }
        check_new_path(&destination)?;
        Ok((id, source, destination))
    }

    /// The folder and the name that something may be moved or copied to.
    fn landing<'a>(&self, call: &Call<'_>, source: &str, destination: &'a str) -> Answer<(u64, &'a str)> {
        let (parent, name) = split(destination);
        if !self.rights(&call.caller, parent, false).write {
            return Err(Refusal::forbidden());
        }
        if self.tree.find(destination).is_some() {
            return Err(Refusal::invalid("The destination exists"));
        }
        if is_within(destination, source) {
            return Err(Refusal::invalid("A folder cannot be moved or copied into itself"));
        }
        Ok((self.folder(parent).map_err(|_| no_parent())?, name))
    }

    fn record_both(&mut self, call: &Call<'_>, action: &str, source: String, destination: &str) {
        let event = self.event(call, action);
        let path = Some(source.clone());
        self.record(Event { path, source: Some(source), destination: Some(destination.to_owned()), ..event });
    }

    pub(super) fn delete(&mut self, call: &Call<'_>) -> Answer<Output> {
        let path = call.path();
        let node = self.tree.find(&path).ok_or_else(Refusal::not_found)?;
        let (id, is_file) = (node.id, node.file().is_some());
        let is_empty = node.children().is_none_or(std::collections::BTreeMap::is_empty);
        if id == ROOT {
            return Err(Refusal::invalid("The root folder cannot be deleted"));
        }
        if !self.rights(&call.caller, &path, is_file).delete {
            return Err(Refusal::forbidden());
        }
        let depth = call.headers.get("depth").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let recursive = depth.trim().eq_ignore_ascii_case("infinity") || call.query("recursive") == Some("true");
        if !is_empty && !recursive {
            return Err(Refusal::invalid("The folder is not empty"));
        }
        self.tree.remove(id);
        let event = self.event(call, "destroy");
        self.record(Event { path: Some(path), ..event });
        Ok(Output::nothing())
    }
}
