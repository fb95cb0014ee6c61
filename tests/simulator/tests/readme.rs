//! The README's table of operations is the simulator's own.

use mft_simulator::sftptogo::Simulator;

#[test]
fn every_operation_has_its_row() {
    let readme = include_str!("../README.md");
    let rows: Vec<_> = readme.lines().filter(|line| line.starts_with("| `sftptogo.")).collect();
    let expected: Vec<_> = Simulator::operations()
        .iter()
        .map(|operation| {
            let path = operation.template.trim_start_matches("/organizations/{organization_id}");
            format!("| `{}` | `{} {path}` |", operation.name, operation.method)
        })
        .collect();
    assert_eq!(rows, expected);
    assert_eq!(rows.len(), 20);
}
