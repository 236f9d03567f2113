package dev.cairn.embedded.archive;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
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

/// The form of an object's bytes on the disk, version 1.
///
/// ```
/// header   32 bytes: "CrnObj1\n", the file's id (16 bytes), zeros
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
final class ObjectFile {
    static final int CHUNK = 64 << 10;
    static final int ID_BYTES = 16;
    private static final int TAG = 16;
    private static final int HEADER = 32;
    private static final int END = 12;
    private static final int FOOTER_MAX = 1 << 20;
    private static final byte[] MAGIC = "CrnObj1\n".getBytes(US_ASCII);
    private static final byte[] END_MAGIC = "CrnEnd1\n".getBytes(US_ASCII);

    private static final byte MIDDLE_CHUNK = 0;
    private static final byte LAST_CHUNK = 1;
    private static final byte FOOTER = 2;

    private final SecretKeySpec key;
    private final byte[] header;

    private ObjectFile(byte[] archiveKey, byte[] id) {
        this.key = key(archiveKey, id);
        this.header = Arrays.copyOf(MAGIC, HEADER);
        System.arraycopy(id, 0, header, MAGIC.length, ID_BYTES);
    }

    private static SecretKeySpec key(byte[] archiveKey, byte[] id) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(archiveKey, "HmacSHA256"));
            mac.update("cairn object 1\0".getBytes(US_ASCII));
            return new SecretKeySpec(mac.doFinal(id), "AES");
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    private Cipher cipher(int mode, byte part, long number) throws GeneralSecurityException {
        ByteBuffer nonce = ByteBuffer.allocate(12).put(0, part).putLong(4, number);
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG * 8, nonce.array()));
        cipher.updateAAD(header);
        return cipher;
    }

    private byte[] seal(byte part, long number, byte[] content, int length) {
        try {
            return cipher(Cipher.ENCRYPT_MODE, part, number).doFinal(content, 0, length);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has AES/GCM/NoPadding", e);
        }
    }

    /// @throws IOException when it was not sealed so
    private byte[] open(byte part, long number, byte[] sealed) throws IOException {
        try {
            return cipher(Cipher.DECRYPT_MODE, part, number).doFinal(sealed);
        } catch (GeneralSecurityException e) {
            throw new IOException("the bytes of an object are not those that were stored", e);
        }
    }

    /// Writes a file from its start.
    static final class Writer {
        private final ObjectFile form;
        private final DiskFile file;
        private final byte[] buffer = new byte[CHUNK];
        private int filled;
        private long chunks;
        private long at = HEADER;
        private long length;

        Writer(DiskFile file, byte[] archiveKey, byte[] id) throws DiskException {
            this.form = new ObjectFile(archiveKey, id);
            this.file = file;
            file.write(ByteBuffer.wrap(form.header), 0);
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
            file.write(ByteBuffer.wrap(bytes), at);
            at += bytes.length;
        }

        /// Ends the file and makes it durable.
        void finish(byte[] footer) throws DiskException {
            flush(LAST_CHUNK);
            byte[] sealed = form.seal(FOOTER, 0, footer, footer.length);
            put(sealed);
            put(ByteBuffer.allocate(END).putInt(sealed.length).put(END_MAGIC).array());
            file.force();
        }
    }

    /// Reads a file's content from anywhere. The stream closes the file.
    static InputStream content(
            DiskFile file, byte[] archiveKey, byte[] id, long total, long from, long length) {
        return new Content(new ObjectFile(archiveKey, id), file, total, from, length);
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
    static Optional<Told> told(DiskFile file, byte[] archiveKey, byte[] id) throws IOException {
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
        byte[] footer =
                new ObjectFile(archiveKey, id)
                        .open(FOOTER, 0, read(file, size - END - length, length));
        long chunks = Math.ceilDiv(sealed, (long) CHUNK + TAG);
        return Optional.of(new Told(footer, sealed - chunks * TAG));
    }

    private static byte[] read(DiskFile file, long at, int length) throws IOException {
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
        private final DiskFile file;
        private final long total;
        private final long end;
        private long at;
        private byte[] chunk = {};
        private long chunkNumber = -1;

        Content(ObjectFile form, DiskFile file, long total, long from, long length) {
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
            chunk = form.open(number == last ? LAST_CHUNK : MIDDLE_CHUNK, number, sealed);
            chunkNumber = number;
        }

        @Override
        public void close() {
            file.close();
        }
    }
}
