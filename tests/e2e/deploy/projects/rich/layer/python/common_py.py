NAME = "python of the layer"
