package dev.cairn.proof;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the key of a digest says.
///
/// @param shelf whose files it seals
/// @param trail the trail's name
/// @param homeRegion of the trail
/// @param end the end of its window, to the second
/// @param backfill whether it makes up for files whose own digest did not come
record DigestName(Shelf shelf, String trail, String homeRegion, Instant end, boolean backfill) {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmssX");

    // Trail names may hold underscores, regions do not. Possessive where it can be: keys are
    // strangers' text.
    private static final Pattern KEY =
            Pattern.compile(
                    "((?:.*/)?AWSLogs/(?:o-[a-z0-9]++/)?([0-9]{12})/)CloudTrail-Digest/([a-z0-9-]++)/"
                            + "[0-9]{4}/[0-9]{2}/[0-9]{2}/"
                            + "([0-9]{12})_CloudTrail-Digest_([a-z0-9-]++)_([A-Za-z0-9._-]+)_([a-z0-9-]++)_"
                            + "([0-9]{8}T[0-9]{6}Z)(_backfill)?\\.json\\.gz");

    /// Empty when the key is not a digest's.
    static Optional<DigestName> of(String key) {
        Matcher match = KEY.matcher(key);
        if (!match.matches()
                || !match.group(2).equals(match.group(4))
                || !match.group(3).equals(match.group(5))) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    new DigestName(
                            new Shelf(match.group(1), match.group(2), match.group(3)),
                            match.group(6),
                            match.group(7),
                            Instant.from(STAMP.parse(match.group(8))),
                            match.group(9) != null));
        } catch (DateTimeParseException e) {
            return Optional.empty();
        }
    }

    /// Digests of one chain have equal names for it.
    ChainName chain() {
        return new ChainName(shelf, trail, homeRegion, backfill);
    }
}
