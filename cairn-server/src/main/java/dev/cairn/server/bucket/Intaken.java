package dev.cairn.server.bucket;

import dev.cairn.archive.ObjectStore.Draft;
import dev.cairn.aws.sigv4.AwsChunkedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// A body taken into a draft, with everything that the request says of it found true.
///
/// @param md5 in lower-case hex: the ETag
/// @param checksums headers to keep and to answer with
record Intaken(String md5, Map<String, String> checksums) {
    /// S3's limit for one put (https://docs.aws.amazon.com/general/latest/gr/s3.html).
    static final long BYTES_MAX = 5L << 30;

    private static final int BUFFER_BYTES = 1 << 16;

    /// Reads the call's body to its end.
    ///
    /// @throws S3Failure when it is not the body that was announced; nothing may be committed then
    static Intaken into(Draft draft, S3Call call) throws IOException {
        S3Call.Body body = call.body();
        if (body.length() < 0) {
            throw new S3Failure(S3Code.MISSING_LENGTH);
        }
        if (body.length() > BYTES_MAX) {
            throw new S3Failure(S3Code.ENTITY_TOO_LARGE);
        }
        MessageDigest md5 = Checksum.messageDigest("MD5");
        MessageDigest sha256 = Checksum.messageDigest("SHA-256");
        List<Checksum> wanted = wanted(call);
        long length = 0;
        try (InputStream in = body.source().open()) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                length += read;
                if (length > body.length()) {
                    throw new S3Failure(S3Code.INCOMPLETE_BODY);
                }
                md5.update(buffer, 0, read);
                if (body.sha256() != null) {
                    sha256.update(buffer, 0, read);
                }
                for (Checksum checksum : wanted) {
                    checksum.update(buffer, 0, read);
                }
                draft.write(buffer, 0, read);
            }
            if (length != body.length()) {
                throw new S3Failure(S3Code.INCOMPLETE_BODY);
            }
            if (body.sha256() != null
                    && !body.sha256().equals(HexFormat.of().formatHex(sha256.digest()))) {
                throw new S3Failure(S3Code.PAYLOAD_MISMATCH);
            }
            byte[] digest = md5.digest();
            checkMd5(call, digest);
            return new Intaken(HexFormat.of().formatHex(digest), checked(call, in, wanted));
        }
    }

    private static void checkMd5(S3Call call, byte[] digest) {
        String announced = call.header("content-md5");
        if (announced.isEmpty()) {
            return;
        }
        byte[] expected;
        try {
            expected = Base64.getDecoder().decode(announced);
        } catch (IllegalArgumentException _) {
            throw new S3Failure(S3Code.INVALID_DIGEST);
        }
        if (expected.length != 16) {
            throw new S3Failure(S3Code.INVALID_DIGEST);
        }
        if (!MessageDigest.isEqual(expected, digest)) {
            throw new S3Failure(S3Code.BAD_DIGEST);
        }
    }

    /// Those announced in a header, before the body or behind it.
    private static List<Checksum> wanted(S3Call call) {
        var names = new TreeMap<String, Checksum>();
        for (var field : call.exchange().head().headers().fields()) {
            String name = field.name().toLowerCase(Locale.ROOT);
            String announced = name.equals("x-amz-trailer") ? field.value().strip() : name;
            if (announced.toLowerCase(Locale.ROOT).startsWith(Checksum.HEADER)) {
                String algorithm = announced.substring(Checksum.HEADER.length());
                Checksum.named(algorithm).ifPresent(found -> names.put(algorithm, found));
            }
        }
        return new ArrayList<>(names.values());
    }

    private static Map<String, String> checked(
            S3Call call, InputStream in, List<Checksum> checksums) {
        var kept = new TreeMap<String, String>();
        for (Checksum checksum : checksums) {
            String announced = call.header(checksum.header());
            if (announced.isEmpty() && in instanceof AwsChunkedInputStream chunked) {
                announced = chunked.trailers().first(checksum.header()).orElse("");
            }
            String found = checksum.base64();
            if (!found.equals(announced)) {
                throw new S3Failure(
                        S3Code.BAD_DIGEST,
                        "The %s you specified did not match the calculated checksum."
                                .formatted(checksum.header()));
            }
            kept.put(checksum.header(), found);
        }
        return kept;
    }
}
