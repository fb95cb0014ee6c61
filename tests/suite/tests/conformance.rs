//! Runs every conformance test for every provider.

mft_tests::conformance!(
    sftptogo: mft_tests::Sftptogo,
    brickftp: mft_tests::Brickftp,
    brickftp_xml: mft_tests::BrickftpXml,
    ftpgrid: mft_tests::Ftpgrid,
    stook: mft_tests::Stook,
    usebuckets: mft_tests::Usebuckets,
);

#[test]
fn every_conformance_function_is_run() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/conformance");
    let list = std::fs::read_to_string(format!("{folder}/mod.rs")).unwrap();
    for file in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for function in source.split("\npub async fn ").skip(1).filter_map(|rest| rest.split('<').next()) {
            assert!(list.contains(&format!(" {function},\n")), "{function} is not listed");
        }
    }
}
