package dev.cairn.aws.protocol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.LongNode;
import dev.cairn.aws.shape.Shape.TimestampFormat;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;

/// Timestamps on the wire and as the number of epoch seconds that documents hold.
final class Times {

    /// Years 0000 to 9999, what all three spellings can say.
    private static final BigDecimal EARLIEST =
            BigDecimal.valueOf(Instant.parse("0000-01-01T00:00:00Z").getEpochSecond());

    private static final BigDecimal LATEST =
            BigDecimal.valueOf(Instant.parse("9999-12-31T23:59:59Z").getEpochSecond());

    /// The most digits behind the point: 1e-300000000 is a small number to read, and one of 300
    /// million digits to round.
    private static final int SCALE_MAX = 100;

    private static final DateTimeFormatter RFC822_OUT =
            new DateTimeFormatterBuilder()
                    .appendPattern("EEE, dd MMM uuuu HH:mm:ss")
                    .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
                    .appendLiteral(" GMT")
                    .toFormatter(Locale.ROOT);

    private static final DateTimeFormatter RFC822_IN =
            new DateTimeFormatterBuilder()
                    .parseCaseInsensitive()
                    .appendPattern("EEE, d MMM uuuu HH:mm:ss")
                    .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
                    .appendLiteral(" GMT")
                    .toFormatter(Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private Times() {}

    static JsonNode parse(String text, TimestampFormat format) throws Malformed {
        try {
            return switch (format) {
                case UNIX -> number(new BigDecimal(bounded(text)));
                case ISO8601 ->
                        number(
                                Instant.from(
                                        DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(
                                                bounded(text))));
                case RFC822 -> number(Instant.from(RFC822_IN.parse(bounded(text))));
            };
        } catch (DateTimeException | NumberFormatException _) {
            throw new Malformed(
                    "A timestamp can not be read as "
                            + switch (format) {
                                case UNIX -> "seconds since epoch";
                                case ISO8601 -> "an ISO 8601 date";
                                case RFC822 -> "an RFC 822 date";
                            });
        }
    }

    private static String bounded(String text) throws Malformed {
        if (text.length() > 64) {
            throw new Malformed("A timestamp has at most 64 characters");
        }
        return text;
    }

    /// @throws Malformed when it is no moment of the years 0 to 9999, or so fine that nobody means
    ///   it
    static JsonNode number(BigDecimal seconds) throws Malformed {
        // Compared before anything else: compareTo is cheap for any scale, conversion of
        // 1e999999999 is not.
        if (seconds.compareTo(EARLIEST) < 0
                || seconds.compareTo(LATEST) > 0
                || seconds.scale() > SCALE_MAX) {
            throw new Malformed("NUMBER_VALUE can not be converted to milliseconds since epoch");
        }
        BigDecimal nanos = seconds.setScale(9, RoundingMode.HALF_EVEN).stripTrailingZeros();
        return nanos.scale() <= 0
                ? LongNode.valueOf(nanos.longValueExact())
                : DecimalNode.valueOf(nanos);
    }

    private static JsonNode number(Instant instant) throws Malformed {
        return number(
                BigDecimal.valueOf(instant.getEpochSecond())
                        .add(BigDecimal.valueOf(instant.getNano(), 9)));
    }

    static String format(JsonNode seconds, TimestampFormat format) {
        BigDecimal number = seconds.decimalValue();
        return switch (format) {
            case UNIX -> plain(number);
            case ISO8601 -> DateTimeFormatter.ISO_INSTANT.format(instant(number));
            case RFC822 -> RFC822_OUT.format(instant(number).atOffset(ZoneOffset.UTC));
        };
    }

    /// Milliseconds are as fine as AWS's answers are.
    static String plain(BigDecimal seconds) {
        BigDecimal millis = seconds.setScale(3, RoundingMode.FLOOR).stripTrailingZeros();
        return millis.scale() < 0 ? millis.setScale(0).toPlainString() : millis.toPlainString();
    }

    private static Instant instant(BigDecimal seconds) {
        BigDecimal millis = seconds.setScale(3, RoundingMode.FLOOR);
        return Instant.ofEpochMilli(millis.unscaledValue().longValueExact());
    }
}
