//! Verifies the operation table of a README.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use mft_simulator::{Exchange, Operation};

/// Name, method and path of an operation.
pub type OperationKey = (String, String, String);

/// The operation table in the README of a client.
#[derive(Debug)]
pub struct OperationTable {
    folder: PathBuf,
    rows: Vec<Row>,
}

/// A row: `| C1 | operation | method and path | function | test |`, with a test for each format.
#[derive(Debug)]
struct Row {
    number: String,
    operation: String,
    method: String,
    path: String,
    function: String,
    tests: Vec<String>,
}

impl OperationTable {
    /// Reads the table of a client. Fails unless it has `rows` rows with `tests` tests each.
    #[must_use]
    pub fn of(client: &str, rows: usize, tests: usize) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(client);
        let readme = read(&folder.join("README.md"));
        let first = format!("`{client}.");
        let lines = readme.lines().filter(|line| line.trim_start().starts_with('|') && line.contains(&first));
        let table = Self { rows: lines.map(Row::read).collect(), folder };
        assert_eq!(table.rows.len(), rows, "rows of the table");
        let numbers: BTreeSet<_> = table.rows.iter().map(|row| &row.number).collect();
        assert_eq!(numbers.len(), rows, "row numbers are unique");
        assert!(table.rows.iter().all(|row| row.tests.len() == tests), "each row names {tests} tests");
        table
    }

    /// Returns the operations of all rows.
    #[must_use]
    pub fn operations(&self) -> BTreeSet<OperationKey> {
        self.rows.iter().map(|row| (row.operation.clone(), row.method.clone(), row.path.clone())).collect()
    }

    /// Fails unless each row names an existing function and existing tests that are not ignored.
    pub fn assert_functions_and_tests_exist(&self) {
        let sources = sources(&self.folder.join("src"));
        for row in &self.rows {
            let (handle, function) = row.function.split_once("::").unwrap_or_else(|| panic!("{row:?}"));
            // A function that exchanges a key for a token belongs to no resource handle.
            let blocks = [format!("impl {handle}<'_> {{"), format!("impl {handle} {{")];
            let defines = |source: &&String| {
                let has_block = blocks.iter().any(|block| source.contains(block));
                has_block && source.contains(&format!("pub fn {function}("))
            };
            let source = sources.iter().find(defines).unwrap_or_else(|| panic!("no such function: {row:?}"));
            // Clients keep the request that exchanges keys for a token in a separate file.
            let is_exchange = row.operation.contains(".auth.");
            let exchange = if is_exchange { read(&self.folder.join("src/token_exchange.rs")) } else { String::new() };
            let literal = format!("\"{}\"", row.operation);
            let names_operation = source.contains(&literal) || exchange.contains(&literal);
            assert!(names_operation, "the function has another name: {row:?}");
            for test in &row.tests {
                let (file, test) = test.split_once("::").unwrap_or_else(|| panic!("{row:?}"));
                let source = read(&self.folder.join(file));
                let place = source.find(&format!("fn {test}()")).unwrap_or_else(|| panic!("no test {test}: {row:?}"));
                let attributes = source[..place].rsplit("\n\n").next().unwrap_or_default();
                let is_run = attributes.contains("test]") && !attributes.contains("ignore");
                assert!(is_run, "{test} is not run as a test: {row:?}");
            }
        }
    }
}

impl Row {
    fn read(line: &str) -> Self {
        let cells = line.trim().trim_matches('|').split('|').map(|cell| cell.trim().replace('`', ""));
        let mut cells = cells.collect::<Vec<_>>().into_iter();
        let mut next = || cells.next().unwrap_or_else(|| panic!("too few cells in {line}"));
        let (number, operation, route, function) = (next(), next(), next(), next());
        let (method, path) = route.split_once(' ').unwrap_or_else(|| panic!("no method and path in {line}"));
        let (method, path) = (method.to_owned(), path.to_owned());
        Self { number, operation, method, path, function, tests: cells.collect() }
    }
}

/// Returns the operations of a journal. `base` is removed from the paths.
#[must_use]
pub fn journal_operations(journal: &[Exchange], base: &str) -> BTreeSet<OperationKey> {
    let key = |exchange: &Exchange| {
        let template = exchange.template.unwrap_or_default();
        let path = template.strip_prefix(base).unwrap_or_else(|| panic!("{exchange} is no operation"));
        (exchange.operation.unwrap_or_default().to_owned(), exchange.method.to_string(), path.to_owned())
    };
    journal.iter().map(key).collect()
}

/// Returns the operations of a simulator. `base` is removed from the paths.
#[must_use]
pub fn simulator_operations(operations: &[Operation], base: &str) -> BTreeSet<OperationKey> {
    let key = |operation: &Operation| {
        let path = operation.template.strip_prefix(base).expect("all templates have the base");
        (operation.name.to_owned(), operation.method.to_owned(), path.to_owned())
    };
    operations.iter().map(key).collect()
}

fn sources(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder of sources").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![read(&path)] }).collect()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
