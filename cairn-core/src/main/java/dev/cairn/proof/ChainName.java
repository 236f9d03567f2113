package dev.cairn.proof;

/// Names a chain of digests: one for each trail, account and region, and one more for backfill
/// digests.
///
/// @param shelf the account and region, and where their files stand
/// @param trail the trail's name
/// @param homeRegion of the trail
record ChainName(Shelf shelf, String trail, String homeRegion, boolean backfill) {
    @Override
    public String toString() {
        return "%s%s of account %s in %s (home %s)%s"
                .formatted(
                        shelf.base().substring(0, shelf.base().indexOf("AWSLogs/")),
                        trail,
                        shelf.account(),
                        shelf.region(),
                        homeRegion,
                        backfill ? ", backfill" : "");
    }
}
