//! The tables of operations in the README match the simulators.

use mft_simulator::{Operation, brickftp, ftpgrid, sftptogo, stook, usebuckets};

#[test]
fn every_operation_has_a_row() {
    let readme = include_str!("../../README.md");
    let tables: &[(&str, &[Operation], usize)] = &[
        ("sftptogo.", sftptogo::Simulator::operations(), 20),
        ("brickftp.", brickftp::Simulator::operations(), 68),
        ("ftpgrid.", ftpgrid::Simulator::operations(), 18),
        ("usebuckets.", usebuckets::Simulator::operations(), 12),
        ("stook.", stook::Simulator::operations(), 20),
    ];
    for &(prefix, operations, count) in tables {
        let start = format!("| `{prefix}");
        let rows: Vec<_> = readme.lines().filter(|line| line.starts_with(&start)).collect();
        let row = |operation: &Operation| {
            let path = operation.template.trim_start_matches("/organizations/{organization_id}");
            format!("| `{}` | `{} {path}` |", operation.name, operation.method)
        };
        assert_eq!(rows, operations.iter().map(row).collect::<Vec<_>>());
        assert_eq!(rows.len(), count);
    }
}
