package dev.cairn.embedded.backup;

import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import java.io.InputStream;
import java.nio.ByteBuffer;

/// The bytes of a file of a disk, from its start to where it ends now. Closing it closes the file.
final class FileStream extends InputStream {
    private final DiskFile file;
    private final long end;
    private long at;

    FileStream(DiskFile file) throws DiskException {
        this.file = file;
        this.end = file.size();
    }

    @Override
    public int read() throws DiskException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int count) throws DiskException {
        int some = (int) Math.min(count, end - at);
        if (some <= 0) {
            return count == 0 ? 0 : -1;
        }
        int read = file.read(ByteBuffer.wrap(into, offset, some), at);
        at += read;
        return read == 0 ? -1 : read;
    }

    @Override
    public void close() {
        file.close();
    }
}
