package dev.cairn.server.configuration;

import dev.cairn.distributed.archive.S3Destination;
import dev.cairn.distributed.archive.S3Destination.Keys;
import dev.cairn.distributed.archive.S3Destination.PutForm;
import dev.cairn.secret.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The settings `archive.cold` and `archive.s3.…`, checked.
final class ArchiveSettings {
    /// A bucket, and a prefix whose end does not matter.
    private static final Pattern BUCKET =
            Pattern.compile(
                    "s3://(?<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(/(?<prefix>[^/].*?)?/*)?");

    private ArchiveSettings() {}

    /// The S3 that holds the buckets of trails; empty when Cairn does.
    ///
    /// @throws SettingException naming the first setting that cannot be used
    static Optional<S3Destination> elsewhere(Settings settings) throws SettingException {
        if (settings.choice(Setting.ARCHIVE_KIND, "built-in", "s3").equals("built-in")) {
            return Optional.empty();
        }
        return Optional.of(destination(settings));
    }

    private static S3Destination destination(Settings settings) throws SettingException {
        var endpoint = endpoint(settings.text(Setting.ARCHIVE_S3_ENDPOINT));
        var region = settings.text(Setting.ARCHIVE_S3_REGION);
        var pathStyle = settings.choice(Setting.ARCHIVE_S3_PATH_STYLE, "auto", "true", "false");
        return new S3Destination(
                endpoint,
                region.isEmpty() ? settings.text(Setting.REGION) : region,
                pathStyle.equals("auto") ? endpoint.isPresent() : Boolean.parseBoolean(pathStyle),
                keys(settings),
                settings.flag(Setting.ARCHIVE_S3_CHECKSUMS),
                putForm(settings));
    }

    /// The colder place; empty when there is none.
    ///
    /// @throws SettingException when there are no buckets here that it could be for, or it is
    ///   neither a folder nor a bucket
    static Optional<ColdSettings> cold(Settings settings) throws SettingException {
        var place = settings.text(Setting.ARCHIVE_COLD);
        if (place.isEmpty()) {
            return Optional.empty();
        }
        if (!settings.text(Setting.ARCHIVE_KIND).equals("built-in")) {
            throw new SettingException(
                    "archive.cold: expected archive.kind=built-in with it; another S3 has lifecycle rules of its own");
        }
        var bucket = BUCKET.matcher(place);
        if (bucket.matches()) {
            return Optional.of(
                    new ColdSettings.Elsewhere(
                            destination(settings),
                            bucket.group("bucket"),
                            Objects.requireNonNullElse(bucket.group("prefix"), "")));
        }
        if (place.contains("://")) {
            throw new SettingException(
                    "archive.cold: expected a folder, or s3://bucket/prefix, got '%s'"
                            .formatted(place));
        }
        return Optional.of(new ColdSettings.Folder(Path.of(place)));
    }

    private static Optional<URI> endpoint(String text) throws SettingException {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        @Nullable URI url = null;
        try {
            url = new URI(text);
        } catch (URISyntaxException _) {
            // Told below, with what was expected.
        }
        if (url == null
                || !String.valueOf(url.getScheme()).matches("https?")
                || url.getHost() == null
                || url.getRawUserInfo() != null) {
            throw new SettingException(
                    "archive.s3.endpoint: expected scheme and host, such as https://s3.example.org, got '%s'"
                            .formatted(text));
        }
        return Optional.of(url);
    }

    private static Optional<Keys> keys(Settings settings) throws SettingException {
        var id = settings.text(Setting.ARCHIVE_S3_ACCESS_KEY);
        var secret = settings.text(Setting.ARCHIVE_S3_SECRET_KEY);
        if (id.isEmpty() != secret.isEmpty()) {
            throw new SettingException(
                    "archive.s3.access-key and archive.s3.secret-key: expected both or neither");
        }
        return id.isEmpty() ? Optional.empty() : Optional.of(new Keys(id, new Secret(secret)));
    }

    private static PutForm putForm(Settings settings) throws SettingException {
        var encryption =
                settings.choice(
                        Setting.ARCHIVE_S3_SSE, "none", "AES256", "aws:kms", "aws:kms:dsse");
        var kmsKey = settings.text(Setting.ARCHIVE_S3_SSE_KMS_KEY);
        if (!kmsKey.isEmpty() && !encryption.startsWith("aws:kms")) {
            throw new SettingException(
                    "archive.s3.sse-kms-key: expected archive.s3.sse=aws:kms with it, got '%s'"
                            .formatted(encryption));
        }
        var acl = settings.choice(Setting.ARCHIVE_S3_ACL, "bucket-owner-full-control", "none");
        return new PutForm(
                settings.flag(Setting.ARCHIVE_S3_CONDITIONAL_PUT),
                orEmpty(encryption),
                kmsKey,
                orEmpty(acl));
    }

    private static String orEmpty(String choice) {
        return choice.equals("none") ? "" : choice;
    }
}
