// Command render is the job of etal's tour: it renders a scene, or one tile of
// it, with a path tracer of its own.
//
//	render -scene FILE -seed N -o FILE.png                    the whole picture
//	render -scene FILE -seed N -tile I -tiles N -o FILE.tile  one of N tiles
//
// The picture put together from the tiles is the whole picture, byte for byte,
// on whatever machines they were rendered: see package trace for why, and
// package tile for the file and for the lines that -stream prints.
//
// Without -stream, stdout stays empty and progress goes to stderr: drawn where
// stderr is a terminal, a line for every twentieth elsewhere.
//
// With -least TIME the blocks are spread over that time, so that even a tiny
// picture can be watched, and its renderer be killed halfway.
//
// It ends with 0 when the file is written, with 2 for a bad scene or bad flags,
// with 1 when it could not read or write, and with 128 plus the signal's number
// when it was told to stop. The file appears whole or not at all.
package main
