package dev.cairn.embedded.history;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import org.apache.lucene.codecs.FilterCodec;
import org.apache.lucene.codecs.StoredFieldsFormat;
import org.apache.lucene.codecs.compressing.CompressionMode;
import org.apache.lucene.codecs.compressing.Compressor;
import org.apache.lucene.codecs.compressing.Decompressor;
import org.apache.lucene.codecs.lucene104.Lucene104Codec;
import org.apache.lucene.codecs.lucene90.compressing.Lucene90CompressingStoredFieldsFormat;
import org.apache.lucene.index.CorruptIndexException;
import org.apache.lucene.store.ByteBuffersDataInput;
import org.apache.lucene.store.DataInput;
import org.apache.lucene.store.DataOutput;
import org.apache.lucene.util.ArrayUtil;
import org.apache.lucene.util.BytesRef;

/// Lucene's own formats, with records stored in blocks of zstd.
///
/// Lucene offers LZ4 and deflate: one stores half as much again, the other takes several times as
/// long. Lucene finds this class again by its name through `META-INF/services`, so that it must be
/// public, have a constructor without parameters, and change its name when it changes what it
/// writes.
public final class HistoryCodec extends FilterCodec {
    private static final int BLOCK_BYTES = 48 << 10;
    private static final int BLOCK_RECORDS_MAX = 512;
    private static final int INDEX_BLOCK_SHIFT = 10;
    private static final int LEVEL = 3;

    private final StoredFieldsFormat stored =
            new Lucene90CompressingStoredFieldsFormat(
                    "CairnZstd", new ZstdMode(), BLOCK_BYTES, BLOCK_RECORDS_MAX, INDEX_BLOCK_SHIFT);

    public HistoryCodec() {
        super("CairnHistory1", new Lucene104Codec());
    }

    @Override
    public StoredFieldsFormat storedFieldsFormat() {
        return stored;
    }

    private static final class ZstdMode extends CompressionMode {
        @Override
        public Compressor newCompressor() {
            return new ZstdCompressor();
        }

        @Override
        public Decompressor newDecompressor() {
            return new ZstdDecompressor();
        }

        @Override
        public String toString() {
            return "zstd";
        }
    }

    private static final class ZstdCompressor extends Compressor {
        private byte[] plain = BytesRef.EMPTY_BYTES;
        private byte[] packed = BytesRef.EMPTY_BYTES;

        @Override
        public void compress(ByteBuffersDataInput in, DataOutput out) throws IOException {
            int length = Math.toIntExact(in.length());
            plain = ArrayUtil.growNoCopy(plain, length);
            in.readBytes(plain, 0, length);
            packed = ArrayUtil.growNoCopy(packed, Math.toIntExact(Zstd.compressBound(length)));
            long size = Zstd.compressByteArray(packed, 0, packed.length, plain, 0, length, LEVEL);
            if (Zstd.isError(size)) {
                throw new IOException("zstd: " + Zstd.getErrorName(size));
            }
            out.writeVInt((int) size);
            out.writeBytes(packed, (int) size);
        }

        @Override
        public void close() {
            // Holds nothing but arrays.
        }
    }

    private static final class ZstdDecompressor extends Decompressor {
        private byte[] packed = BytesRef.EMPTY_BYTES;

        @Override
        public void decompress(
                DataInput in, int originalLength, int offset, int length, BytesRef bytes)
                throws IOException {
            int size = in.readVInt();
            packed = ArrayUtil.growNoCopy(packed, size);
            in.readBytes(packed, 0, size);
            bytes.bytes = ArrayUtil.growNoCopy(bytes.bytes, originalLength);
            long plain = Zstd.decompressByteArray(bytes.bytes, 0, originalLength, packed, 0, size);
            if (plain != originalLength) {
                throw new CorruptIndexException(
                        "expected %d bytes of a zstd block, got %s"
                                .formatted(
                                        originalLength,
                                        Zstd.isError(plain) ? Zstd.getErrorName(plain) : plain),
                        in);
            }
            bytes.offset = offset;
            bytes.length = length;
        }

        @Override
        public Decompressor clone() {
            return new ZstdDecompressor();
        }
    }
}
