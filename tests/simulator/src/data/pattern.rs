const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// Returns `length` bytes of a generated file from `offset`. The same seed generates the same file, of any size.
///
/// A simulator stores no bytes of a generated file. With this function, a test computes the expected content of a
/// download, chunk by chunk.
///
/// ```
/// let whole = mft_simulator::pattern(7, 0, 100);
/// assert_eq!(mft_simulator::pattern(7, 60, 40), whole[60..]);
/// assert_ne!(mft_simulator::pattern(8, 0, 100), whole);
/// ```
#[must_use]
pub fn pattern(seed: u64, offset: u64, length: usize) -> Vec<u8> {
    let in_word = (offset % 8) as usize;
    let mut bytes = Vec::with_capacity(in_word + length + 8);
    let mut state = seed.wrapping_add((offset / 8).wrapping_mul(GAMMA));
    while bytes.len() < in_word + length {
        // SplitMix64 computes each word independently.
        state = state.wrapping_add(GAMMA);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend_from_slice(&(word ^ (word >> 31)).to_le_bytes());
    }
    bytes.truncate(in_word + length);
    bytes.drain(..in_word);
    bytes
}
