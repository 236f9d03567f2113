package dev.cairn.server.command;

import dev.cairn.server.certificate.Trust;
import dev.cairn.server.wiring.Cairn;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which server a command speaks to, and as whom: `--endpoint`, else the server running on
/// `--data`, else `AWS_ENDPOINT_URL`, else the server running on `./cairn-data`. Keys come from
/// `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, else from the data folder, whose owner is root.
final class ServerChoice {
    static final Path DEFAULT_DATA = Path.of("cairn-data");

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description = "The server, such as http://127.0.0.1:4580.")
    private @Nullable String endpoint;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data folder of a running server (default: ./cairn-data).")
    private @Nullable Path data;

    /// One that picocli fills.
    ServerChoice() {}

    /// One that is chosen already.
    ServerChoice(@Nullable String endpoint, @Nullable Path data) {
        this.endpoint = endpoint;
        this.data = data;
    }

    Path data() {
        return data == null ? DEFAULT_DATA : data;
    }

    /// Whether a server is named that is not the one running on the data folder.
    boolean isElsewhere() throws CommandException {
        if (endpoint != null) {
            return true;
        }
        var url = variable("AWS_ENDPOINT_URL");
        return data == null
                && !url.isEmpty()
                && !running().map(URI::toString).orElse("").equals(url);
    }

    /// A connection with the keys of the environment.
    Connection connect() throws CommandException {
        return connection(endpoint(), credentials());
    }

    /// A connection as root of the default account, whatever keys the environment has.
    Connection connectAsOwner() throws CommandException {
        return connection(endpoint(), owner(data()));
    }

    /// A connection to the server on this data folder, as root of the default account.
    Connection connectTo(URI server) throws CommandException {
        return connection(server, owner(data()));
    }

    /// The same when it is a server of this very process.
    Connection connectTo(Cairn server) throws CommandException {
        return new Connection(
                server.endpoint(), owner(data()), region(), InstantSource.system(), trust(server));
    }

    private Connection connection(URI server, Connection.Credentials credentials)
            throws CommandException {
        return new Connection(
                server, credentials, region(), InstantSource.system(), trust(server, data()));
    }

    /// Whom to believe over TLS: the certificate that a server running on this data folder noted
    /// there, those that lead to a root in `AWS_CA_BUNDLE`, where it is set as for AWS's clients,
    /// or else to one of the JDK's.
    ///
    /// @return null for a server that is spoken to in the clear
    static @Nullable SSLContext trust(URI server, Path data) throws CommandException {
        if (!isSecure(server)) {
            return null;
        }
        try {
            return trust(
                    server,
                    running(data).filter(server::equals).isPresent()
                            ? Cairn.certificate(data)
                            : Optional.empty());
        } catch (IOException failure) {
            throw new CommandException(
                    "cannot tell what the server on %s shows: %s".formatted(data, failure),
                    failure);
        }
    }

    /// The same for a server of this very process.
    static @Nullable SSLContext trust(Cairn server) throws CommandException {
        return trust(server.endpoint(), server.certificate());
    }

    private static @Nullable SSLContext trust(URI server, Optional<Path> own)
            throws CommandException {
        if (!isSecure(server)) {
            return null;
        }
        var bundle = variable("AWS_CA_BUNDLE");
        var roots = bundle.isEmpty() ? null : Path.of(bundle);
        try {
            return own.isPresent() ? Trust.ownOrRoots(own.get(), roots) : Trust.roots(roots);
        } catch (IOException failure) {
            throw new CommandException(
                    "cannot tell whom to believe at %s: %s".formatted(server, failure.getMessage()),
                    failure);
        }
    }

    private static boolean isSecure(URI server) {
        return "https".equalsIgnoreCase(server.getScheme());
    }

    URI endpoint() throws CommandException {
        if (endpoint != null) {
            return url("--endpoint", endpoint);
        }
        if (data == null && !variable("AWS_ENDPOINT_URL").isEmpty()) {
            return url("AWS_ENDPOINT_URL", variable("AWS_ENDPOINT_URL"));
        }
        return running()
                .orElseThrow(() ->
                        new CommandException(
                                "no server is running on %s; start one with './cairn serve', or name one with --endpoint"
                                        .formatted(data()),
                                CommandException.USAGE));
    }

    /// The address of a server, as somebody wrote it.
    ///
    /// @param from where it was written, for the message
    static URI url(String from, String text) throws CommandException {
        try {
            var url = new URI(text.strip());
            var scheme = Objects.requireNonNullElse(url.getScheme(), "").toLowerCase(Locale.ROOT);
            var path = Objects.requireNonNullElse(url.getRawPath(), "");
            if ((scheme.equals("http") || scheme.equals("https"))
                    && url.getHost() != null
                    && (path.isEmpty() || path.equals("/"))) {
                return url;
            }
        } catch (URISyntaxException _) {
            // Told below, with what was expected.
        }
        throw new CommandException(
                "%s: expected scheme, host and port, such as http://127.0.0.1:4580, got '%s'"
                        .formatted(from, text),
                CommandException.USAGE);
    }

    /// The address of the server running on the data folder, as it noted it there.
    Optional<URI> running() throws CommandException {
        return running(data());
    }

    /// The same for a folder named otherwise.
    static Optional<URI> running(Path data) throws CommandException {
        try {
            return Cairn.running(data);
        } catch (IOException failure) {
            throw new CommandException(
                    "cannot tell whether a server runs on %s: %s".formatted(data, failure),
                    failure);
        }
    }

    String region() {
        for (var name : new String[] {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
            if (!variable(name).isEmpty()) {
                return variable(name);
            }
        }
        return "us-east-1";
    }

    /// The keys of the environment, else those of the data folder's owner.
    Connection.Credentials credentials() throws CommandException {
        var id = variable("AWS_ACCESS_KEY_ID");
        var secret = variable("AWS_SECRET_ACCESS_KEY");
        if (data == null && !id.isEmpty() && !secret.isEmpty()) {
            var token = variable("AWS_SESSION_TOKEN");
            return new Connection.Credentials(
                    id, secret, token.isEmpty() ? Optional.empty() : Optional.of(token));
        }
        return owner(data());
    }

    /// The root credentials that a server left in its data folder.
    static Connection.Credentials owner(Path data) throws CommandException {
        var file = data.resolve("keys").resolve("root-credentials");
        var properties = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException failure) {
            throw new CommandException(
                    "no keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a data folder that you may read with --data (%s cannot be read)"
                            .formatted(file),
                    CommandException.USAGE);
        }
        return new Connection.Credentials(
                properties.getProperty("aws_access_key_id", ""),
                properties.getProperty("aws_secret_access_key", ""),
                Optional.empty());
    }

    static String variable(String name) {
        var value = System.getenv(name);
        return value == null ? "" : value;
    }
}
