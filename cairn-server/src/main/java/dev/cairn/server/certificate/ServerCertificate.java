package dev.cairn.server.certificate;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The certificate that ports show over TLS, and its private key: two PEM files, which are read
/// again when somebody has replaced them.
///
/// The key stays in memory, and in no message. Any thread may call any method.
public final class ServerCertificate {
    /// Key stores want one, in memory, too: it keeps nothing secret.
    private static final String PASSWORD = "in memory";

    private static final byte[] PROBE = {'c', 'a', 'i', 'r', 'n'};

    private final Path certificate;
    private final Path key;

    /// What the files held when they were last looked at, usable or not.
    private byte[] seenCertificate;

    private byte[] seenKey;
    private KeyStore store;

    private ServerCertificate(Path certificate, Path key) throws IOException {
        this.certificate = certificate;
        this.key = key;
        this.seenCertificate = Files.readAllBytes(certificate);
        this.seenKey = Files.readAllBytes(key);
        this.store = store(seenCertificate, seenKey);
    }

    /// Reads both.
    ///
    /// @param certificate the server's own first, then those between it and its root
    /// @param key PKCS#8 without a password
    /// @throws IOException when one cannot be read, or they do not belong together
    public static ServerCertificate read(Path certificate, Path key) throws IOException {
        return new ServerCertificate(certificate, key);
    }

    /// The file with the certificate.
    public Path file() {
        return certificate;
    }

    /// What was last read that could be used.
    public synchronized KeyStore store() {
        return store;
    }

    /// What opens [#store].
    public String password() {
        return PASSWORD;
    }

    /// Looks at the files again.
    ///
    /// @return what they hold now; empty when they are as they were at the last look
    /// @throws IOException when what is new cannot be used: told once for each state of the files
    public synchronized Optional<KeyStore> changed() throws IOException {
        var nowCertificate = Files.readAllBytes(certificate);
        var nowKey = Files.readAllBytes(key);
        if (Arrays.equals(nowCertificate, seenCertificate) && Arrays.equals(nowKey, seenKey)) {
            return Optional.empty();
        }
        seenCertificate = nowCertificate;
        seenKey = nowKey;
        store = store(nowCertificate, nowKey);
        return Optional.of(store);
    }

    private KeyStore store(byte[] certificateFile, byte[] keyFile) throws IOException {
        var chain = Pem.certificates(certificateFile, certificate.toString());
        var privateKey = Pem.privateKey(keyFile, key.toString());
        try {
            if (!belongTogether(chain.getFirst(), privateKey)) {
                throw new IOException(
                        "%s is not the key of the first certificate in %s"
                                .formatted(key, certificate));
            }
            return store(chain, privateKey);
        } catch (GeneralSecurityException failure) {
            throw new IOException(
                    "%s and %s cannot be used: %s"
                            .formatted(certificate, key, failure.getMessage()),
                    failure);
        }
    }

    private static KeyStore store(List<X509Certificate> chain, PrivateKey key)
            throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry(
                "cairn", key, PASSWORD.toCharArray(), chain.toArray(X509Certificate[]::new));
        return store;
    }

    /// Whether what the key signs is good by the certificate.
    private static boolean belongTogether(X509Certificate certificate, PrivateKey key)
            throws GeneralSecurityException {
        if (!certificate.getPublicKey().getAlgorithm().equals(key.getAlgorithm())) {
            return false;
        }
        var algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                };
        var signing = Signature.getInstance(algorithm);
        signing.initSign(key);
        signing.update(PROBE);
        var signature = signing.sign();
        var verifying = Signature.getInstance(algorithm);
        verifying.initVerify(certificate);
        verifying.update(PROBE);
        return verifying.verify(signature);
    }
}
