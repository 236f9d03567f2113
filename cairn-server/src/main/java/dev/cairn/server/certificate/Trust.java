package dev.cairn.server.certificate;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Whom Cairn believes when it is the client of a TLS connection.
public final class Trust {
    private Trust() {}

    /// Believes the certificates that lead to a root.
    ///
    /// @param roots a PEM file; null: those that the JDK came with
    /// @throws IOException when the file cannot be read, or holds none
    public static SSLContext roots(@Nullable Path roots) throws IOException {
        return context(manager(roots));
    }

    /// Believes one certificate as it is, whatever name it is for, and else as [#roots].
    ///
    /// @param own a PEM file whose first certificate is meant: that of a server which is known by
    ///   another way, such as a note that its owner alone can write
    /// @param roots a PEM file; null: those that the JDK came with
    /// @throws IOException when a file cannot be read, or holds none
    public static SSLContext ownOrRoots(Path own, @Nullable Path roots) throws IOException {
        return context(
                new OwnOrRoots(
                        Pem.certificates(Files.readAllBytes(own), own.toString()).getFirst(),
                        manager(roots)));
    }

    private static SSLContext context(X509ExtendedTrustManager manager) throws IOException {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {manager}, null);
            return context;
        } catch (GeneralSecurityException failure) {
            throw new IOException("TLS cannot be had: " + failure.getMessage(), failure);
        }
    }

    private static X509ExtendedTrustManager manager(@Nullable Path roots) throws IOException {
        try {
            var factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(
                    roots == null
                            ? null
                            : store(Pem.certificates(Files.readAllBytes(roots), roots.toString())));
            for (var manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager x509) {
                    return x509;
                }
            }
            throw new IllegalStateException("every JDK verifies X.509 certificates");
        } catch (GeneralSecurityException failure) {
            throw new IOException(
                    "no certificates can be verified: " + failure.getMessage(), failure);
        }
    }

    private static KeyStore store(List<X509Certificate> roots)
            throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (var i = 0; i < roots.size(); i++) {
            store.setCertificateEntry("root-" + i, roots.get(i));
        }
        return store;
    }

    private static final class OwnOrRoots extends X509ExtendedTrustManager {
        private final X509Certificate own;
        private final X509ExtendedTrustManager roots;

        OwnOrRoots(X509Certificate own, X509ExtendedTrustManager roots) {
            this.own = own;
            this.roots = roots;
        }

        private boolean isOwn(X509Certificate[] chain) {
            return chain.length > 0 && chain[0].equals(own);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            if (!isOwn(chain)) {
                roots.checkServerTrusted(chain, type, engine);
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            if (!isOwn(chain)) {
                roots.checkServerTrusted(chain, type, socket);
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            if (!isOwn(chain)) {
                roots.checkServerTrusted(chain, type);
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            roots.checkClientTrusted(chain, type, engine);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            roots.checkClientTrusted(chain, type, socket);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            roots.checkClientTrusted(chain, type);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return roots.getAcceptedIssuers();
        }
    }
}
