// Package picture puts a rendered picture together and shows it while it grows.
//
// Assemble makes one image of the tiles that package tile describes, and
// WritePNG writes it; both do so in one way only, so that a picture has one
// SHA-256 wherever it was made.
//
// View draws a picture into a terminal with half-block characters (▀ has two
// colours, so a line of text shows two rows of pixels) and keeps it up to date.
// What is not rendered yet shows, darkly, the colour of the tile that owes it.
//
// Status is what is told of a tile below the picture: who renders it, how far
// it is, and its State.
//
// Mode is what the output can show: 24-bit colour, 256 colours, grey characters
// where NO_COLOR asks for it, or plain lines of text where it is no terminal.
package picture
