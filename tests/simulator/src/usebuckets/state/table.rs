use std::collections::{BTreeMap, HashMap};

use crate::server::Collection;

/// An object that a table can store.
pub(crate) trait Row: Clone {
    fn id(&self) -> &str;

    /// The parent, which identifies the list of the row.
    fn parent(&self) -> &str;
}

/// Rows in order of creation, grouped into lists by parent.
///
/// The position of a removed row is kept, so that it is still valid as a cursor.
#[derive(Debug)]
pub(crate) struct Table<T> {
    rows: BTreeMap<RowKey, T>,
    keys: HashMap<String, RowKey>,
    last: u64,
}

/// The parent, and the sequence number in order of creation.
type RowKey = (String, u64);

/// A page of a list, and whether more rows follow.
pub(crate) struct Page<'a, T> {
    pub(crate) rows: Vec<&'a T>,
    pub(crate) has_more: bool,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { rows: BTreeMap::new(), keys: HashMap::new(), last: 0 }
    }
}

impl<T: Row> Table<T> {
    pub(crate) fn insert(&mut self, row: T) {
        self.remove(row.id());
        self.last += 1;
        let key = (row.parent().to_owned(), self.last);
        self.keys.insert(row.id().to_owned(), key.clone());
        self.rows.insert(key, row);
    }

    pub(crate) fn remove(&mut self, id: &str) -> Option<T> {
        self.rows.remove(self.keys.get(id)?)
    }

    pub(crate) fn remove_list(&mut self, parent: &str) -> Vec<T> {
        let ids: Vec<_> = self.list(parent).map(|row| row.id().to_owned()).collect();
        ids.iter().filter_map(|id| self.remove(id)).collect()
    }

    /// Returns the rows of one list.
    pub(crate) fn list(&self, parent: &str) -> impl Iterator<Item = &T> {
        self.rows.range((parent.to_owned(), 0)..=(parent.to_owned(), u64::MAX)).map(|(_, row)| row)
    }

    /// Returns the rows of a list after the row with this id, or `None` if the id never was in the list.
    pub(crate) fn page(&self, parent: &str, after: Option<&str>, limit: usize) -> Option<Page<'_, T>> {
        let after = match after {
            None => 0,
            Some(id) => self.keys.get(id).filter(|(list, _)| list == parent)?.1,
        };
        let range = (parent.to_owned(), after.saturating_add(1))..=(parent.to_owned(), u64::MAX);
        let mut rows = self.rows.range(range).map(|(_, row)| row);
        let page: Vec<_> = rows.by_ref().take(limit).collect();
        Some(Page { rows: page, has_more: rows.next().is_some() })
    }
}

impl<T: Row> Collection<&str> for Table<T> {
    type Item = T;

    fn all(&self) -> Vec<T> {
        let mut rows: Vec<_> = self.rows.iter().collect();
        rows.sort_by_key(|((_, number), _)| *number);
        rows.into_iter().map(|(_, row)| row.clone()).collect()
    }

    fn find(&self, id: &str) -> Option<&T> {
        self.rows.get(self.keys.get(id)?)
    }

    fn find_mut(&mut self, id: &str) -> Option<&mut T> {
        self.rows.get_mut(self.keys.get(id)?)
    }

    fn delete(&mut self, id: &str) {
        self.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::{Collection as _, Row, Table};

    impl Row for (&'static str, String) {
        fn id(&self) -> &str {
            &self.1
        }

        fn parent(&self) -> &str {
            self.0
        }
    }

    fn page(table: &Table<(&'static str, String)>, list: &str, after: Option<&str>, limit: usize) -> Option<String> {
        let page = table.page(list, after, limit)?;
        let ids: Vec<_> = page.rows.iter().map(|row| row.1.as_str()).collect();
        Some(format!("{}{}", ids.join(" "), if page.has_more { " …" } else { "" }))
    }

    #[test]
    fn removed_rows_are_valid_cursors() {
        let mut table = Table::default();
        for id in ["a", "b", "c", "d", "e"] {
            table.insert(("x", id.to_owned()));
            table.insert(("y", format!("{id}2")));
        }
        assert_eq!(table.remove("b").map(|row| row.1).as_deref(), Some("b"));
        assert!(table.find("b").is_none() && table.remove("b").is_none());
        for (list, after, limit, expected) in [
            ("x", None, 2, Some("a c …")),
            ("x", Some("b"), 2, Some("c d …")),
            ("x", Some("b"), 3, Some("c d e")),
            ("x", Some("e"), 3, Some("")),
            ("x", Some("b2"), 3, None),
            ("x", Some("never"), 3, None),
            ("y", Some("d2"), 3, Some("e2")),
            ("z", None, 3, Some("")),
        ] {
            assert_eq!(page(&table, list, after, limit).as_deref(), expected, "{list} {after:?} {limit}");
        }
        assert_eq!(table.remove_list("x").len(), 4);
        assert_eq!(table.all().len(), 5);
    }
}
