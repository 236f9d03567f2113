package dev.cairn.distributed.archive;

import dev.cairn.archive.Archive.Content;
import dev.cairn.archive.Archive.Description;
import dev.cairn.archive.Archive.Listed;
import dev.cairn.archive.Archive.Page;
import dev.cairn.archive.ArchiveException;
import dev.cairn.archive.Buckets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/// Reads buckets of any S3, with the rights of one set of credentials.
public final class S3Buckets implements Buckets, AutoCloseable {
    private final S3Client s3;

    S3Buckets(S3Client s3) {
        this.s3 = s3;
    }

    /// Opens what is at a destination; nothing is sent yet.
    public static S3Buckets open(S3Destination destination) {
        return new S3Buckets(S3Clients.of(destination));
    }

    @Override
    public Optional<Content> get(String bucket, String key) throws ArchiveException {
        try {
            var bytes = s3.getObject(request -> request.bucket(bucket).key(key));
            GetObjectResponse told = bytes.response();
            return Optional.of(
                    new Content(
                            told.contentLength(),
                            told.lastModified(),
                            new Description(
                                    orEmpty(told.contentType()),
                                    orEmpty(told.contentEncoding()),
                                    metadata(told)),
                            new ObjectBytes(bytes, told.contentLength())));
        } catch (NoSuchKeyException _) {
            return Optional.empty();
        } catch (SdkException e) {
            throw S3Failures.of(e);
        } catch (S3Clients.NoCredentialsException e) {
            throw S3Failures.of(e);
        }
    }

    private static Map<String, String> metadata(GetObjectResponse told) {
        var metadata = new TreeMap<String, String>();
        told.metadata()
                .forEach((name, value) -> metadata.put(name.toLowerCase(Locale.ROOT), value));
        return metadata;
    }

    @Override
    public Page list(String bucket, String prefix, String after, int max) throws ArchiveException {
        try {
            var page =
                    s3.listObjectsV2(request -> {
                        request.bucket(bucket).prefix(prefix).maxKeys(max);
                        if (!after.isEmpty()) {
                            request.startAfter(after);
                        }
                    });
            return new Page(
                    page.contents().stream()
                            .map(item -> new Listed(item.key(), item.size(), item.lastModified()))
                            .toList(),
                    Boolean.TRUE.equals(page.isTruncated()));
        } catch (SdkException e) {
            throw S3Failures.of(e);
        } catch (S3Clients.NoCredentialsException e) {
            throw S3Failures.of(e);
        }
    }

    @Override
    public void close() {
        s3.close();
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
