package dev.cairn.access;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One operator of a statement's `Condition` over one key.
///
/// @param quantifier over the request's values
/// @param ifExists whether an absent key is as good as a match
/// @param key lower-case
record PolicyCondition(
        Quantifier quantifier,
        Operator operator,
        boolean ifExists,
        String key,
        List<String> values) {

    private static final String SOURCE_IP = "aws:sourceip";

    /// What says who asks, or from where, so that a fixed value of it is not everyone.
    private static final Set<String> NARROWING =
            Set.of(
                    SOURCE_IP,
                    "aws:principalaccount",
                    "aws:principalarn",
                    "aws:principalorgid",
                    "aws:sourceaccount",
                    "aws:sourcearn",
                    "aws:sourceowner",
                    "aws:sourcevpc",
                    "aws:sourcevpce",
                    "aws:userid",
                    "s3:dataaccesspointaccount",
                    "s3:dataaccesspointarn");

    /// Those that want just the value that is written, where there is no wildcard in it.
    private static final Set<Operator> FIXING =
            Set.of(
                    Operator.STRING_EQUALS,
                    Operator.STRING_EQUALS_IGNORE_CASE,
                    Operator.STRING_LIKE,
                    Operator.ARN_EQUALS,
                    Operator.ARN_LIKE);

    /// How many of the request's values must match.
    enum Quantifier {
        ONE,
        FOR_ANY_VALUE,
        FOR_ALL_VALUES
    }

    private interface Test {
        boolean holds(String pattern, String value);
    }

    /// What is compared, and whether a match counts against it.
    enum Operator {
        STRING_EQUALS(String::equals, false),
        STRING_NOT_EQUALS(String::equals, true),
        STRING_EQUALS_IGNORE_CASE(String::equalsIgnoreCase, false),
        STRING_NOT_EQUALS_IGNORE_CASE(String::equalsIgnoreCase, true),
        STRING_LIKE(Wildcards::match, false),
        STRING_NOT_LIKE(Wildcards::match, true),
        ARN_EQUALS(Wildcards::matchArn, false),
        ARN_LIKE(Wildcards::matchArn, false),
        ARN_NOT_EQUALS(Wildcards::matchArn, true),
        ARN_NOT_LIKE(Wildcards::matchArn, true),
        BOOL(String::equalsIgnoreCase, false),
        NUMERIC_EQUALS((p, v) -> number(p, v, c -> c == 0), false),
        NUMERIC_NOT_EQUALS((p, v) -> number(p, v, c -> c == 0), true),
        NUMERIC_LESS_THAN((p, v) -> number(p, v, c -> c < 0), false),
        NUMERIC_LESS_THAN_EQUALS((p, v) -> number(p, v, c -> c <= 0), false),
        NUMERIC_GREATER_THAN((p, v) -> number(p, v, c -> c > 0), false),
        NUMERIC_GREATER_THAN_EQUALS((p, v) -> number(p, v, c -> c >= 0), false),
        DATE_EQUALS((p, v) -> date(p, v, c -> c == 0), false),
        DATE_NOT_EQUALS((p, v) -> date(p, v, c -> c == 0), true),
        DATE_LESS_THAN((p, v) -> date(p, v, c -> c < 0), false),
        DATE_LESS_THAN_EQUALS((p, v) -> date(p, v, c -> c <= 0), false),
        DATE_GREATER_THAN((p, v) -> date(p, v, c -> c > 0), false),
        DATE_GREATER_THAN_EQUALS((p, v) -> date(p, v, c -> c >= 0), false),
        IP_ADDRESS(AddressRange::contains, false),
        NOT_IP_ADDRESS(AddressRange::contains, true),
        NULL((_, _) -> true, false);

        @SuppressWarnings("ImmutableEnumChecker") // Only method references and pure functions.
        private final Test test;

        private final boolean negated;

        Operator(Test test, boolean negated) {
            this.test = test;
            this.negated = negated;
        }

        /// The operator as IAM writes it, such as `StringEquals`.
        static Optional<Operator> named(String name) {
            for (Operator operator : values()) {
                if (operator.name().replace("_", "").equals(name.toUpperCase(Locale.ROOT))) {
                    return Optional.of(operator);
                }
            }
            return Optional.empty();
        }
    }

    /// Whether it keeps a statement for all principals from being one for everyone: it wants one of
    /// some fixed values, without wildcards, of a key that tells callers apart, or addresses of
    /// ranges that are not broad.
    boolean narrows() {
        if (!NARROWING.contains(key) || ifExists || quantifier == Quantifier.FOR_ALL_VALUES) {
            return false;
        }
        return operator == Operator.IP_ADDRESS
                ? key.equals(SOURCE_IP) && values.stream().noneMatch(AddressRange::isBroad)
                : FIXING.contains(operator)
                        && values.stream().allMatch(value -> value.matches("[^*?]*"));
    }

    /// Whether the request's values are as the condition wants them.
    boolean holds(Map<String, List<String>> keys) {
        List<String> given = keys.getOrDefault(key, List.of());
        if (operator == Operator.NULL) {
            return values.stream()
                    .anyMatch(value -> Boolean.parseBoolean(value) == given.isEmpty());
        }
        if (given.isEmpty()) {
            return ifExists
                    || quantifier == Quantifier.FOR_ALL_VALUES
                    // IAM: a negated operator is true of a key that is not there.
                    || (operator.negated && quantifier == Quantifier.ONE);
        }
        return switch (quantifier) {
            case ONE, FOR_ANY_VALUE -> given.stream().anyMatch(this::matches);
            case FOR_ALL_VALUES -> given.stream().allMatch(this::matches);
        };
    }

    private boolean matches(String given) {
        return values.stream().anyMatch(value -> operator.test.holds(value, given))
                != operator.negated;
    }

    private interface Comparison {
        boolean holds(int difference);
    }

    private static boolean number(String pattern, String value, Comparison wanted) {
        try {
            return wanted.holds(new BigDecimal(value).compareTo(new BigDecimal(pattern)));
        } catch (NumberFormatException _) {
            return false;
        }
    }

    private static boolean date(String pattern, String value, Comparison wanted) {
        try {
            return wanted.holds(instant(value).compareTo(instant(pattern)));
        } catch (DateTimeParseException | NumberFormatException _) {
            return false;
        }
    }

    private static Instant instant(String text) {
        return text.chars().allMatch(c -> c >= '0' && c <= '9')
                ? Instant.ofEpochSecond(Long.parseLong(text))
                : OffsetDateTime.parse(text).toInstant();
    }
}
