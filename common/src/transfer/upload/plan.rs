//! The division of a file into parts.

use std::ops::Range;

use crate::{Error, Result};

/// The limits of a service for multipart uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartLimits {
    /// The minimum size of a part, except the last, in bytes.
    pub min_part_size: u64,
    /// The maximum size of a part, in bytes.
    pub max_part_size: u64,
    /// The highest part number.
    pub max_parts: u32,
    /// The recommended size of a part, in bytes.
    pub recommended: u64,
    /// The maximum size of a file, in bytes.
    pub max_file_size: u64,
}

/// The division of one file into parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    size: Option<u64>,
    part_size: u64,
    /// The maximum size of the growing parts of a stream of unknown length.
    growth_limit: u64,
    max_parts: u32,
}

/// The parts of a stream of unknown length double their size when these percentages of the part numbers are used. The
/// first parts then need little memory, and the stream can still reach the maximum file size.
const DOUBLINGS: [u32; 13] = [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 66, 78, 91];

impl Plan {
    /// Divides a file of `size` bytes, or of unknown size. `requested` is the part size that the caller chose, and
    /// `memory_limit` the maximum size of a part that is held in memory.
    ///
    /// # Errors
    ///
    /// Fails with [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the file exceeds a limit of the service or
    /// the part size is outside the limits, and with [`ErrorKind::Protocol`](crate::ErrorKind::Protocol) if the limits
    /// contradict each other.
    pub fn new(
        size: Option<u64>,
        limits: &PartLimits,
        requested: Option<u64>,
        memory_limit: Option<u64>,
    ) -> Result<Self> {
        let PartLimits { min_part_size, max_part_size, max_parts, recommended, max_file_size } = *limits;
        if max_parts == 0
            || recommended == 0
            || min_part_size == 0
            || min_part_size > max_part_size
            || recommended > max_part_size
        {
            return Err(Error::protocol(format_args!(
                "the upload limits of the service are inconsistent: part size {recommended}, at most {max_parts} parts"
            )));
        }
        if let Some(requested) = requested
            && !(min_part_size..=max_part_size).contains(&requested)
        {
            let problem = format!("is {requested} bytes, outside the service's {min_part_size} to {max_part_size}");
            return Err(Error::invalid_input("part_size", problem));
        }
        let growth_limit = memory_limit.unwrap_or(max_part_size).min(max_part_size);
        let base = requested.unwrap_or(recommended.max(min_part_size));
        let Some(size) = size else {
            return Ok(Self { size: None, part_size: base, growth_limit: growth_limit.max(base), max_parts });
        };
        if size > max_file_size {
            let problem = format!("has {size} bytes, the service's limit is {max_file_size}");
            return Err(Error::invalid_input("file", problem));
        }
        let part_size = base.max(size.div_ceil(u64::from(max_parts)));
        if part_size > max_part_size {
            let problem = format!("has {size} bytes, which exceeds {max_parts} parts of {max_part_size} bytes");
            return Err(Error::invalid_input("file", problem));
        }
        if part_size > growth_limit && size > growth_limit {
            let problem = format!("is {growth_limit} bytes, but a part of this stream needs {part_size} bytes");
            return Err(Error::invalid_input("memory_budget", problem));
        }
        Ok(Self { size: Some(size), part_size, growth_limit, max_parts })
    }

    /// Returns the plan of an upload that is resumed.
    pub(crate) fn resumed(size: u64, part_size: u64, max_parts: u32) -> Self {
        Self { size: Some(size), part_size, growth_limit: part_size, max_parts }
    }

    /// Returns the number of parts, if the size is known. An empty file has one empty part.
    #[must_use]
    pub fn parts(&self) -> Option<u32> {
        let parts = self.size?.div_ceil(self.part_size).max(1);
        Some(u32::try_from(parts).unwrap_or(u32::MAX))
    }

    /// Returns the byte range of a part of a file of known size. The first part has the number 1.
    #[must_use]
    pub fn range(&self, number: u32) -> Range<u64> {
        let size = self.size.unwrap_or(u64::MAX);
        let start = u64::from(number.saturating_sub(1)).saturating_mul(self.part_size).min(size);
        start..start.saturating_add(self.part_size).min(size)
    }

    /// Returns the size of a part that is not the last one, in bytes.
    #[must_use]
    pub fn part_size(&self, number: u32) -> u64 {
        if self.size.is_some() {
            return self.part_size;
        }
        let used = u64::from(number.saturating_sub(1)) * 100 / u64::from(self.max_parts);
        let doublings = DOUBLINGS.iter().filter(|after| used >= u64::from(**after)).count();
        (self.part_size << doublings).min(self.growth_limit)
    }

    /// Returns the highest part number.
    #[must_use]
    pub fn max_parts(&self) -> u32 {
        self.max_parts
    }

    /// Returns the size of the file in bytes, if known.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.size
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MIB: u64 = 1 << 20;
    const GIB: u64 = 1 << 30;
    const TIB: u64 = 1 << 40;
    const LIMITS: PartLimits = PartLimits {
        min_part_size: 5 * MIB,
        max_part_size: 5 * GIB,
        max_parts: 10_000,
        recommended: 5 * MIB,
        max_file_size: 5 * TIB,
    };

    #[test]
    fn divides_files_at_the_limits() {
        for (size, parts, part_size) in [
            (0, 1, 5 * MIB),
            (1, 1, 5 * MIB),
            (5 * MIB - 1, 1, 5 * MIB),
            (5 * MIB, 1, 5 * MIB),
            (5 * MIB + 1, 2, 5 * MIB),
            (50_000 * MIB, 10_000, 5 * MIB),
            (50_000 * MIB + 1, 10_000, 5 * MIB + 1),
            (5 * TIB, 10_000, 549_755_814),
        ] {
            let plan = Plan::new(Some(size), &LIMITS, None, None).unwrap();
            assert_eq!((plan.parts(), plan.part_size(1)), (Some(parts), part_size), "{size}");
        }
        assert!(Plan::new(Some(5 * TIB + 1), &LIMITS, None, None).unwrap_err().is_invalid_input());
    }

    #[test]
    fn rejects_sizes_and_limits_that_cannot_be_met() {
        let with = |change: fn(&mut PartLimits)| {
            let mut limits = LIMITS;
            change(&mut limits);
            Plan::new(Some(20 * MIB), &limits, None, None)
        };
        for (plan, kind) in [
            (with(|limits| limits.recommended = 0), crate::ErrorKind::Protocol),
            (with(|limits| limits.recommended = 6 * GIB), crate::ErrorKind::Protocol),
            (with(|limits| limits.max_parts = 0), crate::ErrorKind::Protocol),
            (Plan::new(None, &LIMITS, Some(1), None), crate::ErrorKind::InvalidInput),
            (Plan::new(Some(1), &LIMITS, Some(6 * GIB), None), crate::ErrorKind::InvalidInput),
            (Plan::new(Some(TIB), &LIMITS, None, Some(64 * MIB)), crate::ErrorKind::InvalidInput),
        ] {
            assert_eq!(plan.unwrap_err().kind(), kind);
        }
        assert_eq!(with(|limits| limits.max_parts = 3).unwrap().parts(), Some(3));
        assert!(with(|limits| (limits.max_parts, limits.max_part_size) = (3, 6 * MIB)).is_err());
    }

    proptest! {
        #[test]
        fn parts_cover_the_file_within_the_limits(
            size in 0..=5 * TIB, max_parts in 1_u32..=10_000, recommended in 5 * MIB..=64 * MIB,
        ) {
            let limits = PartLimits { max_parts, recommended, ..LIMITS };
            let Ok(plan) = Plan::new(Some(size), &limits, None, None) else {
                prop_assert!(size.div_ceil(u64::from(max_parts)) > 5 * GIB);
                return Ok(());
            };
            let parts = plan.parts().unwrap();
            prop_assert!((1..=max_parts).contains(&parts));
            prop_assert_eq!(plan.range(1).start, 0);
            prop_assert_eq!(plan.range(parts).end, size);
            for number in [1, parts / 2, parts.saturating_sub(1)] {
                if (1..parts).contains(&number) {
                    let range = plan.range(number);
                    prop_assert_eq!(range.end, plan.range(number + 1).start);
                    prop_assert!((5 * MIB..=5 * GIB).contains(&(range.end - range.start)));
                }
            }
        }
    }

    #[test]
    fn a_stream_of_unknown_length_can_reach_the_maximum_file_size() {
        let plan = Plan::new(None, &LIMITS, None, None).unwrap();
        let sum: u64 = (1..=plan.max_parts()).map(|number| plan.part_size(number)).sum();
        assert!(sum > 5 * TIB, "{sum}");
        assert_eq!((plan.part_size(1), plan.part_size(101), plan.part_size(301)), (5 * MIB, 10 * MIB, 20 * MIB));
        let bounded = Plan::new(None, &LIMITS, None, Some(16 * MIB)).unwrap();
        assert_eq!(bounded.part_size(10_000), 16 * MIB);
    }
}
