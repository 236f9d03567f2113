package dev.cairn.testkit.wire;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// A certificate that has signed itself, made for one test by the JDK's keytool, as the PEM files
/// that servers are set up with, and as what the JDK's own TLS takes.
///
/// @param certificate a PEM file
/// @param key a PEM file, PKCS#8
/// @param store both
public record TestCertificate(Path certificate, Path key, KeyStore store) {
    private static final String PASSWORD = "changeit";
    private static final String ALIAS = "it";
    private static final int SECONDS_MAX = 60;

    /// Makes one.
    ///
    /// @param folder where its files go
    /// @param name what they are called
    /// @param hosts as keytool wants them, such as `dns:localhost,ip:127.0.0.1`
    /// @param algorithm `EC` or `RSA`
    public static TestCertificate make(Path folder, String name, String hosts, String algorithm)
            throws IOException, InterruptedException, GeneralSecurityException {
        var file = folder.resolve(name + ".p12");
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                ALIAS,
                                "-keyalg",
                                algorithm,
                                "-dname",
                                "CN=" + name,
                                "-ext",
                                "san=" + hosts,
                                "-validity",
                                "2",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                file.toString(),
                                "-storepass",
                                PASSWORD)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve(name + ".said").toFile())
                        .start();
        if (!process.waitFor(SECONDS_MAX, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new AssertionError(
                    "keytool made no certificate: "
                            + Files.readString(folder.resolve(name + ".said")));
        }
        var store = KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
        Certificate certificate = Objects.requireNonNull(store.getCertificate(ALIAS));
        Key key = Objects.requireNonNull(store.getKey(ALIAS, PASSWORD.toCharArray()));
        return new TestCertificate(
                pem(folder.resolve(name + ".pem"), "CERTIFICATE", certificate.getEncoded()),
                pem(folder.resolve(name + "-key.pem"), "PRIVATE KEY", key.getEncoded()),
                store);
    }

    private static Path pem(Path file, String label, byte[] bytes) throws IOException {
        return Files.writeString(
                file,
                "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
                        .formatted(
                                label,
                                Base64.getMimeEncoder(64, new byte[] {'\n'})
                                        .encodeToString(bytes)));
    }

    /// Shows it.
    public SSLContext server() throws GeneralSecurityException {
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD.toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    /// Believes it, and no other.
    public SSLContext client() throws GeneralSecurityException, IOException {
        var trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(ALIAS, Objects.requireNonNull(store.getCertificate(ALIAS)));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }
}
