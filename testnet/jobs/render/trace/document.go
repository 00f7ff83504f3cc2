package trace

// document is a scene file as TOML has it. What a field means and what it is
// when left out is told in scenes/README.md.
type document struct {
	Title string `toml:"title"`
	Image struct {
		Width    int      `toml:"width"`
		Height   int      `toml:"height"`
		Samples  int      `toml:"samples"`
		Bounces  int      `toml:"bounces"`
		Exposure *float64 `toml:"exposure"`
	} `toml:"image"`
	Camera struct {
		At       []float64 `toml:"at"`
		Look     []float64 `toml:"look"`
		Up       []float64 `toml:"up"`
		Fov      *float64  `toml:"fov"`
		Focus    *float64  `toml:"focus"`
		Aperture *float64  `toml:"aperture"`
	} `toml:"camera"`
	Sky struct {
		Top      string    `toml:"top"`
		Horizon  string    `toml:"horizon"`
		Ground   string    `toml:"ground"`
		Strength *float64  `toml:"strength"`
		Toward   []float64 `toml:"toward"`
		Glow     string    `toml:"glow"`
		GlowGain *float64  `toml:"glow_strength"`
		Sun      string    `toml:"sun"`
		SunGain  *float64  `toml:"sun_strength"`
		SunSize  *float64  `toml:"sun_size"`
		Stars    *float64  `toml:"stars"`
	} `toml:"sky"`
	Material map[string]finishDoc `toml:"material"`
	Sphere   []sphereDoc          `toml:"sphere"`
	Box      []boxDoc             `toml:"box"`
	Rod      []rodDoc             `toml:"rod"`
	Plane    []planeDoc           `toml:"plane"`
	Dots     []dotsDoc            `toml:"dots"`
	Garland  []garlandDoc         `toml:"garland"`
}

type finishDoc struct {
	Kind     string   `toml:"kind"`
	Color    string   `toml:"color"`
	Other    string   `toml:"other"`
	Pattern  string   `toml:"pattern"`
	Scale    *float64 `toml:"scale"`
	Ratio    *float64 `toml:"ratio"`
	Strength *float64 `toml:"strength"`
	Fuzz     *float64 `toml:"fuzz"`
	Bend     *float64 `toml:"bend"`
}

// repeatDoc lays copies of an object out on a grid.
type repeatDoc struct {
	Repeat []int     `toml:"repeat"`
	Step   []float64 `toml:"step"`
	Jitter *float64  `toml:"jitter"`
}

type sphereDoc struct {
	At       []float64 `toml:"at"`
	Radius   float64   `toml:"radius"`
	Material string    `toml:"material"`
	repeatDoc
}

type boxDoc struct {
	At       []float64 `toml:"at"`
	Size     []float64 `toml:"size"`
	Turn     []float64 `toml:"turn"`
	Material string    `toml:"material"`
	repeatDoc
}

type rodDoc struct {
	From     []float64 `toml:"from"`
	To       []float64 `toml:"to"`
	Radius   float64   `toml:"radius"`
	Material string    `toml:"material"`
	repeatDoc
}

type planeDoc struct {
	At       []float64 `toml:"at"`
	Normal   []float64 `toml:"normal"`
	Material string    `toml:"material"`
}

// dotsDoc is a drawing in characters, each # of which becomes a sphere.
type dotsDoc struct {
	At       []float64 `toml:"at"`
	Rows     []string  `toml:"rows"`
	Step     []float64 `toml:"step"`
	Down     []float64 `toml:"down"`
	Radius   float64   `toml:"radius"`
	Material string    `toml:"material"`
}

// garlandDoc is a hanging cord with spheres on it.
type garlandDoc struct {
	From      []float64 `toml:"from"`
	To        []float64 `toml:"to"`
	Sag       *float64  `toml:"sag"`
	Count     int       `toml:"count"`
	Radius    float64   `toml:"radius"`
	Materials []string  `toml:"materials"`
	Cord      string    `toml:"cord"`
}
