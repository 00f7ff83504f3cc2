// Package tile cuts a picture into parts that are rendered apart, and says how
// they are written down and reported.
//
// Block is a square of at most Side × Side pixels: what is rendered, reported
// and drawn at once.
//
// Layout deals the blocks of a picture out to a number of tiles, like cards: of
// every run of as many blocks as there are tiles each tile gets one. Tiles so
// take equally long, and a picture of which one tile is missing still shows
// everything. A tile's blocks are ordered from the middle of the picture
// outwards, for whoever watches.
//
// Tile is the finished part: which picture it belongs to, and its pixels.
//
// Event is one line that a renderer prints while it works: who it is, how far
// it came, and the pixels of each finished block. A watcher may miss lines; the
// tile file is what counts.
//
// # The tile file
//
// All numbers are big-endian.
//
//	 8 bytes  "etaltil1"
//	 4        width of the whole picture in pixels
//	 4        height
//	 4        index of this tile, from 0
//	 4        number of tiles
//	 8        seed
//	32        SHA-256 of the scene file
//	 …        the tile's blocks in the order of Layout.Blocks, each row by row,
//	          3 bytes (red, green, blue) for each pixel
//	32        SHA-256 of everything above
//
// # The lines
//
//	etal-render 1 480x270 tile 0/3 seed 7 samples 64
//	kernel Linux version 4.19.0-gvisor …
//	progress 37/170
//	pixels 32 48 16 16 BASE64
//	done 9c1d… (SHA-256 of the tile file)
//
// kernel is only printed when asked for. progress counts finished blocks. The
// numbers of pixels are x, y, width and height; the rest is the pixels in
// unpadded standard base 64. A line that starts otherwise is no event.
package tile
