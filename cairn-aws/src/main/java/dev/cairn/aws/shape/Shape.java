package dev.cairn.aws.shape;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// One data type of a service model. Shapes may contain themselves, so they refer to each other
/// through [Ref].
public sealed interface Shape {

    /// Its name in the model.
    String name();

    /// Whether its values are never to be shown.
    default boolean sensitive() {
        return false;
    }

    /// Named members, in the model's order.
    ///
    /// @param members by member name
    /// @param payload the member that is the whole HTTP body, in REST protocols
    /// @param union whether exactly one member is to be set
    /// @param error what the wire says of it, if it is an error
    /// @param xmlName of the element where it is a whole XML body, where that is another than its
    ///   name
    /// @param xmlNamespace of the element, in XML protocols
    record Structure(
            String name,
            Map<String, Member> members,
            Optional<String> payload,
            boolean union,
            boolean sensitive,
            Optional<ErrorTrait> error,
            Optional<String> xmlName,
            Optional<XmlNamespace> xmlNamespace)
            implements Shape {

        /// The member of that name.
        public Optional<Member> member(String memberName) {
            return Optional.ofNullable(members.get(memberName));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /// Values of one shape, in order.
    ///
    /// @param item name `member` unless the model gives another wire name
    /// @param min fewest items allowed
    /// @param max most items allowed
    /// @param flattened whether XML and query repeat the list's own name instead of nesting items
    record Listing(
            String name,
            Member item,
            OptionalLong min,
            OptionalLong max,
            boolean flattened,
            boolean sensitive)
            implements Shape {}

    /// Keys are strings.
    record Mapping(
            String name,
            Member key,
            Member value,
            OptionalLong min,
            OptionalLong max,
            boolean flattened,
            boolean sensitive)
            implements Shape {}

    /// A string.
    ///
    /// @param values what is allowed; empty means anything
    /// @param min fewest Unicode code points
    /// @param max most Unicode code points
    record Text(
            String name,
            List<String> values,
            Optional<TextPattern> pattern,
            OptionalLong min,
            OptionalLong max,
            boolean sensitive)
            implements Shape {}

    /// A number.
    ///
    /// @param kind its range and whether it has a fraction
    record Numeric(
            String name,
            Kind kind,
            Optional<BigDecimal> min,
            Optional<BigDecimal> max,
            boolean sensitive)
            implements Shape {

        /// How a number is held.
        public enum Kind {
            /// 32 bits.
            INTEGER,
            /// 64 bits.
            LONG,
            /// Single precision.
            FLOAT,
            /// Double precision.
            DOUBLE;

            /// Whether it has a fraction.
            public boolean floating() {
                return this == FLOAT || this == DOUBLE;
            }
        }
    }

    /// True or false.
    record Flag(String name) implements Shape {}

    /// A moment.
    ///
    /// @param format on the wire, where it is not the protocol's usual one
    record Timestamp(String name, Optional<TimestampFormat> format) implements Shape {}

    /// Bytes.
    ///
    /// @param min fewest bytes
    /// @param max most bytes
    /// @param streaming whether it is meant to be read as it comes
    record Blob(
            String name, OptionalLong min, OptionalLong max, boolean streaming, boolean sensitive)
            implements Shape {}

    /// Any JSON value.
    record Document(String name) implements Shape {}

    /// How an error looks on the wire.
    ///
    /// @param code its short name in query protocols; empty where it is the shape's own name
    /// @param status the HTTP status, if the model gives one
    /// @param fault whether the service is to blame
    record ErrorTrait(Optional<String> code, Optional<Integer> status, boolean fault) {}

    /// Of an XML element.
    ///
    /// @param prefix empty for the default namespace
    record XmlNamespace(String prefix, String uri) {}

    /// How a timestamp is spelt.
    enum TimestampFormat {
        /// Epoch seconds, as a number.
        UNIX,
        /// `2015-01-25T08:00:00Z`.
        ISO8601,
        /// `Sun, 25 Jan 2015 08:00:00 GMT`.
        RFC822;

        static Optional<TimestampFormat> named(@Nullable String name) {
            return switch (name) {
                case null -> Optional.empty();
                case "unixTimestamp" -> Optional.of(UNIX);
                case "iso8601" -> Optional.of(ISO8601);
                case "rfc822" -> Optional.of(RFC822);
                default -> throw new IllegalArgumentException("unknown timestamp format " + name);
            };
        }
    }

    /// A shape by its name: models are recursive, records are not.
    final class Ref {
        private final Map<String, Shape> shapes;
        private final String name;

        Ref(Map<String, Shape> shapes, String name) {
            this.shapes = shapes;
            this.name = name;
        }

        /// The shape meant.
        public Shape shape() {
            Shape shape = shapes.get(name);
            if (shape == null) {
                throw new IllegalStateException("the model has no shape " + name);
            }
            return shape;
        }

        /// Its name.
        public String name() {
            return name;
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
