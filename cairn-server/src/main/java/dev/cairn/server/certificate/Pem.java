package dev.cairn.server.certificate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/// What stands between `BEGIN` and `END` in a PEM file (RFC 7468).
final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]*)-----END \\1-----");

    /// Kinds of private keys that certificates of servers have.
    private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    private record Block(String label, String text) {}

    private Pem() {}

    /// The certificates of a file, in its order.
    ///
    /// @param from the file's name, for messages
    /// @throws IOException when there are none, or one cannot be read
    static List<X509Certificate> certificates(byte[] file, String from) throws IOException {
        var certificates = new ArrayList<X509Certificate>();
        try {
            var factory = CertificateFactory.getInstance("X.509");
            for (var block : blocks(file)) {
                if (block.label().equals("CERTIFICATE")) {
                    certificates.add(
                            (X509Certificate)
                                    factory.generateCertificate(
                                            new ByteArrayInputStream(bytes(block, from))));
                }
            }
        } catch (CertificateException failure) {
            throw new IOException(
                    "%s: a certificate cannot be read: %s".formatted(from, failure.getMessage()),
                    failure);
        }
        if (certificates.isEmpty()) {
            throw new IOException(
                    from + ": expected certificates ('-----BEGIN CERTIFICATE-----'), got none");
        }
        return List.copyOf(certificates);
    }

    /// The private key of a file: PKCS#8 without a password.
    ///
    /// @param from the file's name, for messages
    /// @throws IOException when there is none, or it cannot be read
    static PrivateKey privateKey(byte[] file, String from) throws IOException {
        var met = "none";
        for (var block : blocks(file)) {
            if (block.label().equals("PRIVATE KEY")) {
                return privateKey(new PKCS8EncodedKeySpec(bytes(block, from)), from);
            }
            if (block.label().endsWith("PRIVATE KEY")) {
                met = "'-----BEGIN " + block.label() + "-----'";
            }
        }
        throw new IOException(
                "%s: expected a private key in PKCS#8 without a password ('-----BEGIN PRIVATE KEY-----'), got %s; 'openssl pkcs8 -topk8 -nodes -in FILE' makes one"
                        .formatted(from, met));
    }

    private static PrivateKey privateKey(PKCS8EncodedKeySpec encoded, String from)
            throws IOException {
        for (var algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
            } catch (InvalidKeySpecException _) {
                // It is of another kind.
            } catch (GeneralSecurityException failure) {
                throw new IOException(from + ": " + failure.getMessage(), failure);
            }
        }
        throw new IOException(from + ": expected a private key of RSA, EC or Ed25519");
    }

    private static List<Block> blocks(byte[] file) {
        return BLOCK.matcher(new String(file, ISO_8859_1))
                .results()
                .map(found -> new Block(found.group(1), found.group(2)))
                .toList();
    }

    private static byte[] bytes(Block block, String from) throws IOException {
        try {
            return Base64.getMimeDecoder().decode(block.text());
        } catch (IllegalArgumentException malformed) {
            throw new IOException(
                    "%s: '-----BEGIN %s-----' is not followed by Base64"
                            .formatted(from, block.label()),
                    malformed);
        }
    }
}
