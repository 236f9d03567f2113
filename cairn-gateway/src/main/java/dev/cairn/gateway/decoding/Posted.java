package dev.cairn.gateway.decoding;

import dev.cairn.aws.http.Request;
import java.util.Arrays;

/// What a request carries, for its operation to be read from, and how far servers are bound to read
/// the same from it.
///
/// A form names its operation. A server that does not unpack one, or asks the query first, could
/// carry out another call than the one that is recorded: so what may be two is neither.
///
/// @param body unpacked
/// @param ambiguous whether another operation may be named by it than the one it seems to name
/// @param sure whether every server reads the same operation from it; else it counts as a change,
///   whatever it seems to ask for
record Posted(Kept body, boolean ambiguous, boolean sure) {
    private static final String OPERATION = "Action";

    /// @param bytesMax of a body that travels packed, what is unpacked to be read
    static Posted of(Request request, Kept raw, int bytesMax) {
        boolean form = PlainReading.isForm(request);
        boolean inQuery = namesOperation(request.rawQuery());
        String coding = Packed.coding(request.headers());
        if (coding.isEmpty() || coding.equals("identity") || coding.equals("aws-chunked")) {
            return new Posted(form ? ended(raw) : raw, false, !form || !inQuery);
        }
        Packed packed = Packed.of(request.headers(), raw, bytesMax);
        boolean untyped = request.method().equals("POST") && !request.headers().has("content-type");
        if (!form && !untyped) {
            return new Posted(packed.body(), false, true);
        }
        boolean ambiguous =
                inQuery
                        || !coding.equals("gzip")
                        || !packed.sound()
                        || raw.cut()
                        || namesOperation(PlainReading.text(raw.bytes()));
        return new Posted(ended(packed.body()), ambiguous, false);
    }

    /// A body as it is kept for objects: nothing in it names an operation.
    static Posted ofObject(Kept raw) {
        return new Posted(raw, false, true);
    }

    /// Whether a form names an operation, in whatever way some server may understand it.
    private static boolean namesOperation(String form) {
        return Parameters.of(form.replace(';', '&')).names().stream()
                .anyMatch(name -> name.strip().equalsIgnoreCase(OPERATION));
    }

    /// A form that goes on, up to its last whole parameter: half a name is another operation's.
    private static Kept ended(Kept form) {
        if (!form.cut()) {
            return form;
        }
        int end = form.bytes().length;
        while (end > 0 && form.bytes()[end - 1] != '&') {
            end--;
        }
        return new Kept(Arrays.copyOf(form.bytes(), end), form.length(), true);
    }
}
