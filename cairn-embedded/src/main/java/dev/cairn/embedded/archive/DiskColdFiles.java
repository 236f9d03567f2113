package dev.cairn.embedded.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cairn.archive.ColdFiles;
import dev.cairn.disk.Disk;
import dev.cairn.disk.DiskException;
import dev.cairn.disk.DiskFile;
import dev.cairn.disk.OpenFile;
import java.nio.ByteBuffer;

/// The colder place as a folder, such as that of a mounted disk: files below `objects/`, and the
/// mark in `place`.
public final class DiskColdFiles implements ColdFiles {
    /// The file that holds the mark.
    static final String MARK = "place";

    private static final String MARK_DRAFT = "place.draft";
    private static final int MARK_BYTES_MAX = 100;

    private final Disk disk;

    /// @param disk the folder
    public DiskColdFiles(Disk disk) {
        this.disk = disk;
    }

    @Override
    public Draft create(String name) throws DiskException {
        // `objects/<epoch>/<two digits>`, as in the archive.
        String folder = folderOf(name);
        disk.createFolder(folder);
        disk.force(path(name.substring(0, name.indexOf('/'))));
        disk.force(ROOT);
        disk.force("");
        return new Written(disk, folder, disk.create(path(name)));
    }

    private static final class Written implements Draft {
        private final Disk disk;
        private final String folder;
        private final DiskFile file;
        private long at;

        Written(Disk disk, String folder, DiskFile file) {
            this.disk = disk;
            this.folder = folder;
            this.file = file;
        }

        @Override
        public void append(ByteBuffer bytes) throws DiskException {
            int length = bytes.remaining();
            file.write(bytes, at);
            at += length;
        }

        @Override
        public void finish() throws DiskException {
            file.force();
            disk.force(folder);
        }

        @Override
        public void close() {
            file.close();
        }
    }

    @Override
    public OpenFile open(String name) throws DiskException {
        return disk.open(path(name));
    }

    @Override
    public void delete(String name) throws DiskException {
        if (disk.exists(path(name))) {
            disk.delete(path(name));
        }
        // Whether this deleted it or an attempt before: or a power cut could bring it back.
        if (disk.exists(folderOf(name))) {
            disk.force(folderOf(name));
        }
    }

    @Override
    public String mark() throws DiskException {
        if (!disk.exists(MARK)) {
            return "";
        }
        try (DiskFile file = disk.open(MARK)) {
            byte[] bytes = new byte[(int) Math.min(MARK_BYTES_MAX, file.size())];
            file.read(ByteBuffer.wrap(bytes), 0);
            return new String(bytes, UTF_8).strip();
        }
    }

    @Override
    public void mark(String text) throws DiskException {
        if (disk.exists(MARK_DRAFT)) {
            disk.delete(MARK_DRAFT);
        }
        try (DiskFile file = disk.create(MARK_DRAFT)) {
            file.write(ByteBuffer.wrap((text + "\n").getBytes(UTF_8)), 0);
            file.force();
        }
        disk.rename(MARK_DRAFT, MARK);
        disk.force("");
    }

    @Override
    public void close() {
        // A folder needs none.
    }

    private static String path(String name) {
        return ROOT + "/" + name;
    }

    private static String folderOf(String name) {
        return path(name.substring(0, name.lastIndexOf('/')));
    }
}
