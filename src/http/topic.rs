//! What an answer is made of.

/// Something that answers are made of, such as an article or the list of a tag's articles, as one of [`Topic::COUNT`]
/// numbers. Two that share a number make answers be read again more often than needed, and nothing worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Topic(u16);

impl Topic {
    /// What the clock will change next ([`super::kept::Marks::next_change`]). An answer that is made of it is not outdated when that
    /// moves, but says in `Cache-Control` how long it stays true.
    pub const SCHEDULE: Self = Self(0);

    /// How many numbers there are.
    pub const COUNT: usize = 1 << 16;

    /// The topic of a thing of some kind.
    pub fn new(kind: u8, id: i64) -> Self {
        // The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): it spreads numbers that are close together.
        let mut mixed = (id as u64) ^ (u64::from(kind) << 56);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        // None is the schedule's.
        Self(((mixed ^ (mixed >> 31)) as u16).max(1))
    }

    pub fn number(self) -> usize {
        usize::from(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_near_each_other_are_spread_evenly() {
        let mut hits = vec![0_u32; Topic::COUNT];
        for kind in 0..8 {
            for id in 0..16_384 {
                hits[Topic::new(kind, id).number()] += 1;
            }
        }
        // 131,072 balls in 65,536 bins: two each on average.
        let most = hits.iter().max().copied();
        assert!(most < Some(16), "{most:?}");
        assert_ne!(Topic::new(0, 1), Topic::new(1, 1));
    }
}
