package dev.cairn.embedded.archive;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.disk.DiskException;
import dev.cairn.disk.OpenFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// The form of an object's bytes on the disk, versions 1 and 2.
///
/// ```
/// header   32 bytes: "CrnObj1\n" or "CrnObj2\n", the file's id (16 bytes), zeros
/// chunks   64 KiB of content each but the last, each sealed: + 16 bytes; at least one
/// footer   what is told of the object, sealed
/// end      length of the sealed footer (4 bytes), "CrnEnd1\n"
/// ```
///
/// Sealed is AES-256-GCM under a key of the file's own: HMAC-SHA256 of the archive's key over the
/// id, which is random and never used twice. So that nonces may count: kind of part (a chunk, the
/// last chunk, the footer) and number. The header is associated data of every part. With that no
/// chunk can be changed, moved, left out or taken from another file, nor the end cut off, and any
/// chunk can be read alone.
///
/// Version 2 is of objects that have a *data key*, which a KMS key opens: their chunks are sealed
/// under HMAC-SHA256 of the file's own key over the data key, so that it takes both to read them.
/// The footer is sealed as ever: what is told of an object needs no KMS key.
final class ObjectFile {
    static final int CHUNK = 64 << 10;
    static final int ID_BYTES = 16;
    private static final int TAG = 16;
    private static final int HEADER = 32;
    private static final int END = 12;
    private static final int FOOTER_MAX = 1 << 20;
    private static final byte[] MAGIC = "CrnObj1\n".getBytes(US_ASCII);
    private static final byte[] MAGIC_DATA_KEY = "CrnObj2\n".getBytes(US_ASCII);
    private static final byte[] END_MAGIC = "CrnEnd1\n".getBytes(US_ASCII);

    private static final byte MIDDLE_CHUNK = 0;
    private static final byte LAST_CHUNK = 1;
    private static final byte FOOTER = 2;

    private final SecretKeySpec chunkKey;
    private final SecretKeySpec footerKey;
    private final byte[] header;

    /// @param dataKey null for version 1
    private ObjectFile(byte[] archiveKey, byte[] id, byte @Nullable [] dataKey) {
        byte[] own = key(archiveKey, "cairn object 1\0", id);
        this.footerKey = new SecretKeySpec(own, "AES");
        this.chunkKey =
                dataKey == null
                        ? footerKey
                        : new SecretKeySpec(key(own, "cairn object 2\0", dataKey), "AES");
        this.header = header(dataKey == null ? MAGIC : MAGIC_DATA_KEY, id);
    }

    private static byte[] header(byte[] magic, byte[] id) {
        byte[] header = Arrays.copyOf(magic, HEADER);
        System.arraycopy(id, 0, header, magic.length, ID_BYTES);
        return header;
    }

    private static byte[] key(byte[] from, String purpose, byte[] of) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(from, "HmacSHA256"));
            mac.update(purpose.getBytes(US_ASCII));
            return mac.doFinal(of);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private Cipher cipher(int mode, byte part, long number, byte[] its)
            throws GeneralSecurityException {
        SecretKeySpec key = part == FOOTER ? footerKey : chunkKey;
        ByteBuffer nonce = ByteBuffer.allocate(12).put(0, part).putLong(4, number);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG * 8, nonce.array()));
        cipher.updateAAD(its);
        return cipher;
    }

    private byte[] seal(byte part, long number, byte[] content, int length) {
        try {
            return cipher(Cipher.ENCRYPT_MODE, part, number, header).doFinal(content, 0, length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES/GCM/NoPadding", e);
        }
    }

    /// @throws IOException when it was not sealed so
    private byte[] open(byte part, long number, byte[] sealed, byte[] its) throws IOException {
        try {
            return cipher(Cipher.DECRYPT_MODE, part, number, its).doFinal(sealed);
        } catch (GeneralSecurityException e) {
            throw new IOException("the bytes of an object are not those that were stored", e);
        }
    }

    /// What a file's bytes are written to.
    @FunctionalInterface
    interface Target {
        /// @param at where they begin, which is where those before ended
        void write(ByteBuffer bytes, long at) throws DiskException;
    }

    /// Writes a file from its start to its end.
    static final class Writer {
        private final ObjectFile form;
        private final Target target;
        private final byte[] buffer = new byte[CHUNK];
        private int filled;
        private long chunks;
        private long at = HEADER;
        private long length;

        /// @param dataKey null for none
        Writer(Target target, byte[] archiveKey, byte[] id, byte @Nullable [] dataKey)
                throws DiskException {
            this.form = new ObjectFile(archiveKey, id, dataKey);
            this.target = target;
            target.write(ByteBuffer.wrap(form.header), 0);
        }

        /// How many bytes of content were written.
        long length() {
            return length;
        }

        void write(byte[] bytes, int offset, int count) throws DiskException {
            int done = 0;
            while (done < count) {
                if (filled == CHUNK) {
                    flush(MIDDLE_CHUNK);
                }
                int some = Math.min(CHUNK - filled, count - done);
                System.arraycopy(bytes, offset + done, buffer, filled, some);
                filled += some;
                done += some;
            }
            length += count;
        }

        private void flush(byte part) throws DiskException {
            put(form.seal(part, chunks++, buffer, filled));
            filled = 0;
        }

        private void put(byte[] bytes) throws DiskException {
            target.write(ByteBuffer.wrap(bytes), at);
            at += bytes.length;
        }

        /// Ends the file. Whoever wants it durable makes it so.
        void finish(byte[] footer) throws DiskException {
            flush(LAST_CHUNK);
            byte[] sealed = form.seal(FOOTER, 0, footer, footer.length);
            put(sealed);
            put(ByteBuffer.allocate(END).putInt(sealed.length).put(END_MAGIC).array());
        }
    }

    /// Reads a file's content from anywhere. The stream closes the file.
    ///
    /// @param dataKey null for none
    static InputStream content(
            OpenFile file,
            byte[] archiveKey,
            byte[] id,
            byte @Nullable [] dataKey,
            long total,
            long from,
            long length) {
        return new Content(new ObjectFile(archiveKey, id, dataKey), file, total, from, length);
    }

    /// What a file says of itself.
    ///
    /// @param footer what is told of the object
    /// @param length bytes of content
    @SuppressWarnings("ArrayRecordComponent") // Handed over, never compared.
    record Told(byte[] footer, long length) {}

    /// Reads a file's end, and nothing of its content.
    ///
    /// @return empty when it has no end of this form: it was never finished, or was cut off
    /// @throws IOException when it was not sealed under that key as the file with that id
    static Optional<Told> told(OpenFile file, byte[] archiveKey, byte[] id) throws IOException {
        long size = file.size();
        if (size < HEADER + TAG + END) {
            return Optional.empty();
        }
        byte[] end = read(file, size - END, END);
        int length = ByteBuffer.wrap(end).getInt();
        long sealed = size - HEADER - length - END;
        boolean whole =
                Arrays.equals(end, 4, END, END_MAGIC, 0, END_MAGIC.length)
                        && length >= TAG
                        && length <= FOOTER_MAX
                        && sealed >= TAG;
        if (!whole) {
            return Optional.empty();
        }
        byte[] header = read(file, 0, HEADER);
        if (!Arrays.equals(header, header(MAGIC, id))
                && !Arrays.equals(header, header(MAGIC_DATA_KEY, id))) {
            throw new IOException("expected the header of an object's file");
        }
        byte[] footer =
                new ObjectFile(archiveKey, id, null)
                        .open(FOOTER, 0, read(file, size - END - length, length), header);
        long chunks = Math.ceilDiv(sealed, (long) CHUNK + TAG);
        return Optional.of(new Told(footer, sealed - chunks * TAG));
    }

    private static byte[] read(OpenFile file, long at, int length) throws IOException {
        byte[] bytes = new byte[length];
        if (at < 0 || file.read(ByteBuffer.wrap(bytes), at) != length) {
            throw new IOException("an object's file is shorter than it was");
        }
        return bytes;
    }

    /// The id as part of a file's name, and back.
    static String name(byte[] id) {
        return HexFormat.of().formatHex(id);
    }

    static byte[] id(String name) {
        return HexFormat.of().parseHex(name);
    }

    private static final class Content extends InputStream {
        private final ObjectFile form;
        private final OpenFile file;
        private final long total;
        private final long end;
        private long at;
        private byte[] chunk = {};
        private long chunkNumber = -1;

        Content(ObjectFile form, OpenFile file, long total, long from, long length) {
            Objects.checkFromIndexSize(from, length, total);
            this.form = form;
            this.file = file;
            this.total = total;
            this.at = from;
            this.end = from + length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int count) throws IOException {
            Objects.checkFromIndexSize(offset, count, into.length);
            if (count == 0) {
                return 0;
            }
            if (at == end) {
                return -1;
            }
            load(at / CHUNK);
            int within = (int) (at % CHUNK);
            int some = (int) Math.min(Math.min(count, chunk.length - within), end - at);
            System.arraycopy(chunk, within, into, offset, some);
            at += some;
            return some;
        }

        private void load(long number) throws IOException {
            if (number == chunkNumber) {
                return;
            }
            if (chunkNumber < 0 && !Arrays.equals(form.header, ObjectFile.read(file, 0, HEADER))) {
                throw new IOException("expected the header of an object's file");
            }
            long last = Math.max(0, (total - 1) / CHUNK);
            int length = (int) Math.min(CHUNK, total - number * CHUNK);
            byte[] sealed = ObjectFile.read(file, HEADER + number * (CHUNK + TAG), length + TAG);
            byte part = number == last ? LAST_CHUNK : MIDDLE_CHUNK;
            chunk = form.open(part, number, sealed, form.header);
            chunkNumber = number;
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
