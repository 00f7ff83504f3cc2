// Package trace is a small path tracer whose pictures are the same to the last
// bit wherever and however they are rendered: on any machine, with any number
// of cores, cut into any tiles.
//
// Scene is what is seen: objects, their materials, a sky, a camera and the size
// and quality of the picture. Parse reads one from TOML; scenes/etal.toml is an
// example that uses everything.
//
// Material is how a surface answers light: matte scatters it, gloss is matte
// under a clear coat, metal mirrors it, glass bends it, glow gives it off.
//
// Lamp is a glowing sphere. Lamps are looked for on purpose at every matte
// surface, so small ones light a scene without noise; a glowing box or rod is
// only seen when a path happens to hit it.
//
// Sample is one path of light followed backwards from the camera; a pixel is
// the mean of the scene's samples.
//
// Seed picks the randomness. Each pixel draws from a generator of its own that
// depends on the seed and on the pixel's place alone: that is why a picture can
// be cut anywhere.
//
// Exact is this package's rule for arithmetic: only +, −, ×, ÷ and the square
// root, which IEEE 754 rounds in one way only. Every product stands inside a
// float64() conversion, so that no compiler may fuse it with a sum, and sine,
// exponential and roots are our own. A test reads the source for it.
package trace
