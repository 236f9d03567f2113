package dev.cairn.aws.shape;

import java.util.Optional;

/// A use of a shape inside another: a structure's member, a list's item, a map's key or value.
///
/// @param name in the document
/// @param target the shape
/// @param location where it travels in REST protocols
/// @param locationName its name on the wire, where that is another
/// @param queryName its name in the ec2 protocol; in the query protocol of a service whose model is
///   json's, where that is given
/// @param required whether it must be there
/// @param idempotencyToken whether clients make one up when the caller gives none
/// @param jsonValue whether it is JSON in base64, in a header
/// @param flattened whether the list or map repeats this name instead of nesting its items
/// @param timestampFormat overrides the shape's
/// @param xmlAttribute whether it is an attribute of its parent's element
/// @param xmlNamespace of its element
public record Member(
        String name,
        Shape.Ref target,
        Location location,
        Optional<String> locationName,
        Optional<String> queryName,
        boolean required,
        boolean idempotencyToken,
        boolean jsonValue,
        boolean flattened,
        Optional<Shape.TimestampFormat> timestampFormat,
        boolean xmlAttribute,
        Optional<Shape.XmlNamespace> xmlNamespace) {

    /// Where a member travels.
    public enum Location {
        /// In the document that is the body, or as the body.
        BODY,
        /// A header field.
        HEADER,
        /// All header fields with a prefix.
        HEADERS,
        /// A query parameter; for a map, all parameters nobody else takes.
        QUERY,
        /// A label of the path.
        URI,
        /// The status code of the answer.
        STATUS
    }

    /// The shape itself.
    public Shape shape() {
        return target.shape();
    }

    /// Its name on the wire.
    public String wireName() {
        return locationName.orElse(name);
    }

    /// Its name in the query protocol, and in its answers.
    public String queryWireName() {
        return queryName.orElseGet(this::wireName);
    }

    /// How its timestamp is spelt, given the protocol's usual way at this place.
    public Shape.TimestampFormat timestampFormat(Shape.TimestampFormat usual) {
        return timestampFormat
                .or(() ->
                        shape() instanceof Shape.Timestamp(_, var format)
                                ? format
                                : Optional.empty())
                .orElse(usual);
    }
}
